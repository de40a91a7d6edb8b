import pLimit from 'p-limit';
import { LatchkeyError } from '../../errors.ts';
import { compileName } from '../name-matcher.ts';
import type { Call, Fetched, FindQuery, Found, RemoteRef } from '../provider.ts';
import { dataOf } from './answer.ts';
import { fromAnswer } from './errors.ts';
import { type MountSettings, metadataPath, type SecretPath, secretPath } from './paths.ts';
import { notVault, type PathStep, type Scene } from './scene.ts';
import type { VaultCaller } from './transport.ts';

export interface Finder extends MountSettings {
  readonly scene: Scene;
  readonly send: VaultCaller;
  read(ref: RemoteRef, call: Call): Promise<Fetched>;
  readMetadata(secret: SecretPath, call: Call): Promise<Readonly<Record<string, string>>>;
}

const CONCURRENCY = 8;
const MAX_FOLDERS = 500;
const MAX_SECRETS = 1000;

/**
 * Every secret below `path` whose name matches, else whose custom metadata hold all tags; deleted ones are passed over.
 * Keys are paths below the mount and begin with `path`, which is also what the name is matched against.
 */
export async function findSecrets(query: FindQuery, call: Call, finder: Finder): Promise<readonly Found[]> {
  const matchesName = query.name === undefined ? () => true : await compileName(query.name.regexp);
  const root = checkQuery(query, finder);
  const tags = query.name === undefined ? Object.entries(query.tags ?? {}) : [];
  const limit = pLimit(CONCURRENCY);
  const keys = (await listBelow(root, call, finder)).filter(matchesName);
  const found = await limit.map(keys, async (key) => {
    if (tags.length > 0) {
      const metadata = await finder.readMetadata(secretPath(key, finder), call);
      if (!tags.every(([name, value]) => metadata[name] === value)) return [];
    }
    const fetched = await unlessAbsent(finder.read({ key }, call));
    return fetched === undefined ? [] : [{ key, value: fetched.value }];
  });
  return found.flat();
}

/** Where the query looks. Throws REF_INVALID for one that no engine can answer. */
export function checkQuery({ path = '', name, tags = {} }: FindQuery, { mount, version }: MountSettings): string {
  if (name === undefined && Object.keys(tags).length > 0 && version === 'v1') {
    throw invalid('a KV engine of version 1 keeps no tags', 'Find by name instead');
  }
  const root = path.replace(/^\/+|\/+$/g, '');
  if (root !== '' || mount.length > 0) return root;
  throw invalid('find has no path, and the store no mount', 'Set find.path, or spec.provider.vault.path');
}

/** Keys below the root, folder by folder; the folders of one level together. */
async function listBelow(root: string, call: Call, finder: Finder): Promise<readonly string[]> {
  const limit = pLimit(CONCURRENCY);
  const keys: string[] = [];
  let folders = [root === '' ? '' : `${root}/`];
  let listed = 0;
  while (folders.length > 0) {
    listed += folders.length;
    if (listed > MAX_FOLDERS) throw tooMany(`more than ${MAX_FOLDERS} folders`, root);
    const isRoot = listed === 1;
    const names = await limit.map(folders, async (folder) => {
      const inside = await list(folder, call, finder, isRoot);
      return inside.map((name) => folder + name);
    });
    keys.push(...names.flat().filter((name) => !name.endsWith('/')));
    if (keys.length > MAX_SECRETS) throw tooMany(`more than ${MAX_SECRETS} secrets`, root);
    folders = names.flat().filter((name) => name.endsWith('/'));
  }
  return keys;
}

/** The names in one folder. A folder that went away meanwhile is empty; the first one must be there. */
async function list(folder: string, call: Call, finder: Finder, isRoot: boolean): Promise<readonly string[]> {
  const secret = folder === '' ? { mount: finder.mount, name: [] } : secretPath(folder.slice(0, -1), finder);
  const path = [...metadataPath(secret, finder.version), '']; // its slash at the end is part of a policy's path
  const answer = await finder.send({ method: 'GET', path, query: { list: 'true' } }, call);
  const names = dataOf(answer)?.['keys'];
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  if (answer.status === 200) throw notVault(answer, finder.scene);

  const step: PathStep = { kind: 'list', path: path.join('/'), secret };
  const error = fromAnswer(answer, step, finder.scene);
  if (!isRoot && error.code === 'SECRET_NOT_FOUND') return [];
  throw error;
}

async function unlessAbsent(reading: Promise<Fetched>): Promise<Fetched | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (LatchkeyError.from(error).code === 'SECRET_NOT_FOUND') return undefined;
    throw error;
  }
}

function invalid(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('REF_INVALID', message, { hint });
}

function tooMany(what: string, root: string): LatchkeyError {
  return new LatchkeyError('VALUE_TOO_LARGE', `find would read ${what} below "${root}"`, {
    hint: 'Narrow find.path',
  });
}
