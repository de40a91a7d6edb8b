import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';
import type { Manifest } from './manifest.ts';

/** A Pod's spec is bounded by etcd; a file of manifests that is larger than this is something else. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const NO_ALIAS_BOMBS = { maxAliasCount: 100 };

/** What kubectl reads of a folder. */
const MANIFEST_FILE = /\.(?:ya?ml|json)$/;

/**
 * Reads manifests from files, folders and `-`, in order; a `List` becomes its items. Names every document that is none, with
 * its line.
 */
export async function readManifests(paths: readonly string[]): Promise<readonly Manifest[]> {
  const problems: string[] = [];
  const manifests: Manifest[] = [];
  const files = (await Promise.all(paths.map(filesOf))).flat();
  for (const path of files) manifests.push(...parseManifests(await readText(path), path, problems));
  if (problems.length === 0) return manifests;
  throw new LatchkeyError('MANIFEST_INVALID', problems.join('; '), { hint: 'Correct the files' });
}

export function parseManifests(text: string, path: string, problems: string[]): readonly Manifest[] {
  // Kubernetes reads YAML 1.1, where `yes` is a boolean and 0777 is octal.
  const documents = [...parseAllDocuments(text, { version: '1.1', merge: true })];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const line = error.linePos?.[0].line;
      problems.push(`${path}${line === undefined ? '' : `, line ${line}`}: is no YAML`);
      return [];
    }
    const value: unknown = document.toJS(NO_ALIAS_BOMBS);
    return value === null || value === undefined ? [] : flatten(value, path, problems);
  });
}

function flatten(value: unknown, path: string, problems: string[]): readonly Manifest[] {
  if (!isMapping(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
    problems.push(`${path}: a document has no apiVersion and kind`);
    return [];
  }
  if (value['kind'] === 'List' && Array.isArray(value['items'])) {
    return value['items'].flatMap((item: unknown) => flatten(item, path, problems));
  }
  const metadata = value['metadata'];
  if (isMapping(metadata) && typeof metadata['name'] === 'string' && metadata['name'] !== '') return [value];
  if (isMapping(metadata) && typeof metadata['generateName'] === 'string') {
    return [{ ...value, metadata: { ...metadata, name: `${metadata['generateName']}00000` } }];
  }
  const hasName = isMapping(metadata) && metadata['name'] !== undefined && metadata['name'] !== null;
  // In YAML 1.1 an unquoted y, no or 42 is no text.
  const what = hasName ? 'has a metadata.name that is no text: put it in quotes' : 'has no metadata.name';
  problems.push(`${path}: a ${value['kind']} ${what}`);
  return [];
}

/** The path itself, or the files of that folder by name; folders inside it are left alone, as kubectl leaves them. */
async function filesOf(path: string): Promise<readonly string[]> {
  const facts = path === '-' ? undefined : await stat(path).catch(() => undefined);
  if (facts?.isDirectory() !== true) return [path]; // what cannot be read is told when it is
  const names = (await readdir(path)).filter((name) => MANIFEST_FILE.test(name));
  return names.toSorted().map((name) => join(path, name));
}

async function readText(path: string): Promise<string> {
  try {
    const text = path === '-' ? await readStream(process.stdin) : await readFile(path, 'utf8');
    if (text.length <= MAX_FILE_BYTES) return text;
  } catch (cause) {
    throw new LatchkeyError('MANIFEST_INVALID', `the file ${path} cannot be read`, {
      hint: 'Correct --filename',
      cause,
    });
  }
  throw new LatchkeyError('MANIFEST_INVALID', `the file ${path} is larger than ${MAX_FILE_BYTES} bytes`, {
    hint: 'Divide it',
  });
}
