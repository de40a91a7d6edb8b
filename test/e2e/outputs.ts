import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type AuditMark, auditLines } from './audit-log.ts';
import type { Stage } from './stage.ts';

export const OUTPUTS = [
  'logs',
  'metrics',
  'events',
  'objects',
  'Secrets without data',
  'audit',
  'control plane',
] as const;
export type Output = (typeof OUTPUTS)[number];

/** Everything that could be read by somebody who may not read Secrets. */
export type Outputs = Readonly<Record<Output, string>>;

/** A Secret's values with the place where they stand. */
export interface StoredValue {
  readonly place: string;
  readonly text: string;
}

interface SecretList {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly data?: Readonly<Record<string, string>>;
  }[];
}

const PROCESSES = [
  ['webhook', 0],
  ['webhook', 1],
  ['controller', 0],
] as const;

/** Logs of the whole run, everything that is stored now, and the audit log since the mark. */
export async function collectOutputs(stage: Stage, mark: AuditMark): Promise<Outputs> {
  const { plane, processes } = stage;
  const [logs, metrics, events, objects, secrets, audit, controlPlane] = await Promise.all([
    joined(processes.logPaths.map((path) => readFile(path, 'utf8'))),
    joined(PROCESSES.map(([kind, replica]) => processes.metrics(kind, replica))),
    listAll(stage, (name) => name === 'events' || name === 'events.events.k8s.io'),
    listAll(stage, (name) => !name.startsWith('events') && name !== 'secrets'),
    listSecrets(stage),
    readAudit(stage, mark),
    readOtherLogs(plane.directory, processes.logPaths),
  ]);
  const withoutData = JSON.stringify(secrets.items.map(({ data: _data, ...rest }) => rest));
  return { logs, metrics, events, objects, 'Secrets without data': withoutData, audit, 'control plane': controlPlane };
}

/** Each value of each Secret. */
export async function readStoredValues(stage: Stage): Promise<readonly StoredValue[]> {
  const { items } = await listSecrets(stage);
  return items.flatMap(({ metadata, data = {} }) =>
    Object.entries(data).map(([key, value]) => ({
      place: `${metadata.namespace}/${metadata.name} ${key}`,
      text: Buffer.from(value, 'base64').toString(),
    })),
  );
}

async function joined(texts: readonly Promise<string>[]): Promise<string> {
  return (await Promise.all(texts)).join('\n');
}

/** Objects of all kinds that can be listed, in all namespaces, as JSON and, for people's eyes, as YAML. */
async function listAll({ plane }: Stage, wanted: (name: string) => boolean): Promise<string> {
  const { stdout } = await plane.kubectl(['api-resources', '--verbs=list', '--output=name']);
  const kinds = stdout.trim().split('\n').filter(wanted).join(',');
  const get = (format: string) =>
    plane.kubectl(['get', kinds, '--all-namespaces', `--output=${format}`, '--show-managed-fields']);
  const [json, yaml] = await Promise.all([get('json'), get('yaml')]);
  return `${json.stdout}\n${yaml.stdout}`;
}

async function listSecrets({ plane }: Stage): Promise<SecretList> {
  return (await plane.request<SecretList>('GET', '/api/v1/secrets')).body;
}

async function readAudit({ plane }: Stage, mark: AuditMark): Promise<string> {
  const lines: string[] = [];
  for await (const line of auditLines(plane, mark)) lines.push(line);
  return lines.join('\n');
}

/** What everybody else in the plane printed. */
async function readOtherLogs(directory: string, ours: readonly string[]): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log') && !name.startsWith('audit'));
  const paths = names.map((name) => join(directory, name)).filter((path) => !ours.includes(path));
  if (!paths.some((path) => basename(path).includes('apiserver'))) throw new Error('no log of the API server');
  return joined(paths.map((path) => readFile(path, 'utf8')));
}
