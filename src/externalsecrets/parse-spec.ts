import { parseDurationMs } from '../duration.ts';
import type { FieldProblem, Fields } from '../fields.ts';
import type { DataEntry, DefinitionSpec, SyncWindows } from './definition.ts';
import { parseData } from './parse-data.ts';
import { parseDataFrom } from './parse-data-from.ts';
import { parseStoreReference } from './parse-store-reference.ts';
import { parseTarget } from './parse-target.ts';

export interface SpecContext {
  /** Of the target, where the spec names none. */
  readonly name: string;
  readonly warn: Warn;
}

/** Notes what is strange and still carried out. */
export type Warn = (warning: FieldProblem) => void;

const REFRESH_POLICIES = ['Periodic', 'CreatedOnce', 'OnChange'] as const;
const DEFAULT_REFRESH_MS = 3_600_000;
const DURATION = { example: '1h' };

/** Every mistake lands on the reader, in the words of External Secrets' own webhook where it has some. */
export function parseSpec(spec: Fields, { name, warn }: SpecContext): DefinitionSpec {
  const store = parseStoreReference(spec, 'secretStoreRef');
  const target = parseTarget(spec, name, warn);
  const data = spec.list('data').map((entry) => parseData(entry, store, warn));
  const dataFrom = spec.list('dataFrom').flatMap((entry) => parseDataFrom(entry, store, warn));
  if (isEmpty(spec, 'data') && isEmpty(spec, 'dataFrom')) {
    spec.problem('', 'either data or dataFrom should be specified');
  }
  // Under another policy a later row may fill in for one that is missing.
  if (target.deletionPolicy === 'Retain') refuseDuplicates(spec, data);
  return {
    refreshPolicy: spec.oneOf('refreshPolicy', REFRESH_POLICIES, 'Periodic'),
    refreshIntervalMs: readRefreshInterval(spec),
    syncWindows: readSyncWindows(spec.object('syncWindows'), warn),
    target,
    data,
    dataFrom,
  };
}

function isEmpty(spec: Fields, name: string): boolean {
  const value = spec.raw(name);
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function refuseDuplicates(spec: Fields, data: readonly DataEntry[]): void {
  const seen = new Set<string>();
  for (const [index, { secretKey }] of data.entries()) {
    const isNamed = secretKey !== ''; // what is missing was told already
    if (isNamed && seen.has(secretKey)) {
      spec.problem(`data[${index}].secretKey`, `duplicate secretKey found: ${secretKey}`);
    }
    seen.add(secretKey);
  }
}

/** Nothing, zero and less mean: once. */
function readRefreshInterval(spec: Fields): number {
  const text = spec.optionalText('refreshInterval', DURATION);
  if (text === undefined) return DEFAULT_REFRESH_MS;
  const ms = parseDurationMs(text);
  if (ms === undefined) spec.problem('refreshInterval', 'must be a duration such as "1h"');
  return Math.max(0, ms ?? DEFAULT_REFRESH_MS);
}

/** An unknown kind permits everything, as it does for External Secrets. */
function readSyncWindows(fields: Fields | undefined, warn: Warn): SyncWindows | undefined {
  if (fields === undefined) return undefined;
  const kind = fields.raw('kind');
  const windows = fields.list('windows').map((window) => ({
    schedule: window.text('schedule', { example: '0 22 * * *' }),
    durationMs: readDuration(window),
  }));
  if (kind === 'allow' || kind === 'deny') return { kind, windows };
  warn({ path: `${fields.path}.kind`, message: 'is neither allow nor deny, so the windows have no effect' });
  return undefined;
}

function readDuration(window: Fields): number {
  const text = window.text('duration', DURATION);
  const ms = parseDurationMs(text);
  if (ms === undefined && text !== '') window.problem('duration', 'must be a duration such as "1h"');
  return ms ?? 0;
}
