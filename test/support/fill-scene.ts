import type { FillResult } from '../../src/delivery/fill.ts';
import type { CopyOptions } from '../../src/delivery/render-copy.ts';
import type { SecretWriter, StoredSecret } from '../../src/delivery/secret-writer.ts';
import type { LatchkeyError } from '../../src/errors.ts';
import type { Outcome } from '../../src/providers/provider.ts';
import type { PlannedSecret } from '../../src/planning/plan.ts';
import type { Reference, Template } from '../../src/references/reference.ts';
import type { ResolvedMap, ResolvedValue, Resolver } from '../../src/resolve/resolver.ts';
import { SecretValue } from '../../src/secret-value.ts';

export const ABSENT = Symbol('an optional remote secret that does not exist');

/** A remote secret's text or bytes, its properties, its absence, or why it cannot be read. */
export type Remote = string | Uint8Array | Readonly<Record<string, string>> | typeof ABSENT | LatchkeyError;

export interface FakeResolver extends Resolver {
  /** Keys that were asked for, in order. */
  readonly asked: readonly string[];
}

/** Answers each reference by its key; ABSENT is what an optional one comes to. */
export function fakeResolver(secrets: Readonly<Record<string, Remote>>): FakeResolver {
  const asked: string[] = [];

  function answer<T>(reference: Reference, read: (remote: Remote) => T): Outcome<T> {
    asked.push(reference.key);
    const remote = secrets[reference.key];
    if (remote === undefined) throw new Error(`nobody said what ${reference.key} is`);
    return remote instanceof Error ? { ok: false, error: remote } : { ok: true, value: read(remote) };
  }

  return {
    asked,
    resolve: async (requests) => requests.map(({ reference }) => answer(reference, toValue)),
    resolveMap: async ({ reference }) => answer(reference, toMap),
    find: async () => ({ ok: true, value: [] }),
    close: async () => {},
  };
}

function toValue(remote: Remote): ResolvedValue {
  if (remote === ABSENT) return { absent: true };
  if (typeof remote === 'string') return { absent: false, value: SecretValue.fromText(remote) };
  return { absent: false, value: new SecretValue(remote instanceof Uint8Array ? remote : new Uint8Array()) };
}

function toMap(remote: Remote): ResolvedMap {
  if (typeof remote !== 'object' || remote instanceof Uint8Array || remote instanceof Error) return new Map();
  return new Map(Object.entries(remote).map(([name, text]) => [name, SecretValue.fromText(text)]));
}

export interface FakeWriter extends SecretWriter {
  /** What was written, as texts by key. */
  readonly written: Map<string, Readonly<Record<string, string>>>;
  /** Names of Secrets whose refusal was recorded. */
  readonly refusals: readonly string[];
  /** Owners that were added, as `Secret: Pod`. */
  readonly owners: readonly string[];
  readonly probes: readonly string[];
}

export interface FakeWriterSettings {
  readonly trusted?: readonly string[];
  readonly stored?: Readonly<Record<string, Partial<StoredSecret> | LatchkeyError>>;
  readonly writeError?: LatchkeyError;
}

/** A writer whose Secrets are the given ones; those that it writes are there from then on. */
export function fakeWriter({ trusted = [], stored = {}, writeError }: FakeWriterSettings = {}): FakeWriter {
  const written = new Map<string, Readonly<Record<string, string>>>();
  const [refusals, owners, probes]: [string[], string[], string[]] = [[], [], []];

  return {
    written,
    refusals,
    owners,
    probes,
    trusts: (_namespace, name) => trusted.includes(name),

    async write({ name, data }) {
      if (writeError !== undefined) throw writeError;
      written.set(name, Object.fromEntries([...data].map(([key, value]) => [key, value.exposeText()])));
    },

    async probe(_namespace, name) {
      probes.push(name);
      const known = stored[name] ?? (written.has(name) ? {} : undefined);
      if (known instanceof Error) throw known;
      return known && { refused: false, metadata: { name, uid: `uid-of-${name}`, resourceVersion: '1' }, ...known };
    },

    async addOwners({ name, uid }, pods) {
      if (uid !== (stored[name] instanceof Error ? '' : (stored[name]?.metadata?.uid ?? `uid-of-${name}`))) {
        throw new Error('the Secret is another one');
      }
      owners.push(...pods.map((pod) => `${name}: ${pod.name}`));
    },

    async recordRefusal(_namespace, name) {
      refusals.push(name);
    },
  };
}

/** A planned Secret `lk-a` with a key for each template, owned by a Lease, unless told. */
export function aPlannedSecret(
  keys: Readonly<Record<string, Template>>,
  rest: Partial<PlannedSecret> = {},
): PlannedSecret {
  const entries = Object.entries(keys).map(([key, template]) => [
    key,
    { template, places: [`container "api", env ${key}`] },
  ]);
  return {
    name: 'lk-a',
    owner: { kind: 'lease' },
    writer: 'webhook',
    recorded: false,
    keys: Object.fromEntries(entries),
    ...rest,
  };
}

/** For plans without copies of ExternalSecrets. */
export function noCopies(): CopyOptions {
  const definitions = { get: () => undefined, definition: () => undefined };
  return { definitions, produce: () => Promise.reject(new Error('no definition is to be read')) };
}

export function linesOf({ problems }: Pick<FillResult, 'problems'>): readonly string[] {
  return problems.map(({ line }) => line);
}
