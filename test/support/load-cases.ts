import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export type Manifest = Readonly<Record<string, unknown>>;

/** A folder of test/cases. */
export interface Case {
  readonly name: string;
  /** What is created. */
  readonly pod: Manifest;
  /** What is in the cluster before. */
  readonly cluster: readonly Manifest[];
  /** What the Vault of its stores holds, by key. */
  readonly remote: Readonly<Record<string, string>>;
  /** The configuration file's text; empty for the defaults. */
  readonly config: string;
  /** The Pod that runs, then the Secrets that were written; absent where the Pod is refused. */
  readonly admitted?: readonly Manifest[];
  /** The line that the Pod's author reads. */
  readonly denied?: string;
  readonly warnings: readonly string[];
}

export type Outcome = Pick<Case, 'admitted' | 'denied' | 'warnings'>;

const CASES = new URL('../cases/', import.meta.url).pathname;

export function loadCases(): readonly Case[] {
  return readdirSync(CASES).map(loadCase);
}

function loadCase(name: string): Case {
  const [pod] = readDocuments(name, 'pod.yaml');
  if (pod === undefined) throw new Error(`test/cases/${name} has no pod.yaml`);
  const denied = readText(name, 'denied.txt');
  const admitted = readDocuments(name, 'admitted.yaml');
  return {
    name,
    pod,
    cluster: readDocuments(name, 'cluster.yaml'),
    remote: (readDocuments(name, 'remote.yaml')[0] ?? {}) as Readonly<Record<string, string>>,
    config: readText(name, 'config.yaml') ?? '',
    ...(admitted.length > 0 && { admitted }),
    ...(denied !== undefined && { denied: denied.trimEnd() }),
    warnings: readText(name, 'warnings.txt')?.trimEnd().split('\n') ?? [],
  };
}

/** Makes an outcome the expected one, for `UPDATE_CASES=1`. What it wrote is to be read before it is committed. */
export function updateCase(name: string, { admitted, denied, warnings }: Outcome): void {
  if (admitted !== undefined) write(name, 'admitted.yaml', admitted.map((manifest) => toYaml(manifest)).join('---\n'));
  if (denied !== undefined) write(name, 'denied.txt', `${denied}\n`);
  if (warnings.length > 0) write(name, 'warnings.txt', `${warnings.join('\n')}\n`);
}

function toYaml(manifest: Manifest): string {
  return stringify(manifest, { compat: 'yaml-1.1', lineWidth: 0 });
}

function readDocuments(name: string, file: string): readonly Manifest[] {
  const text = readText(name, file);
  if (text === undefined) return [];
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`test/cases/${name}/${file} is no YAML`, { cause: error });
    return document.toJS() as Manifest;
  });
}

function readText(name: string, file: string): string | undefined {
  const path = join(CASES, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function write(name: string, file: string, text: string): void {
  writeFileSync(join(CASES, name, file), text);
}
