import { isMapping } from '../fields.ts';
import { type KubeClient, METADATA_ONLY, KubeError } from './client.ts';
import { type KubeObject, parseKubeObject } from './kube-object.ts';

const APPLY = 'application/apply-patch+yaml';
const STRATEGIC_MERGE = 'application/strategic-merge-patch+json';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

export interface WriteOptions {
  readonly signal: AbortSignal;
  /** Who owns the fields that are written; another manager's apply of them is a conflict. */
  readonly fieldManager?: string;
  /** Ask for the answer without spec and data, so that a PATCH, which answers with the whole object, reads none. Default true. */
  readonly metadataOnlyAnswer?: boolean;
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes over fields of other managers instead of answering 409. Default false. */
  readonly force?: boolean;
}

/**
 * Creates or updates an object in one request: afterwards its fields are as given, those that this manager applied before
 * and no longer names are gone, and all others are as they were. Throws KubeError 409 where another manager owns a field
 * with another value.
 */
export function applyObject(
  client: KubeClient,
  path: string,
  object: Readonly<Record<string, unknown>>,
  options: ApplyOptions,
): Promise<KubeObject> {
  return patch(client, path, APPLY, object, options, { force: String(options.force ?? false) });
}

/** For lists that Kubernetes merges by a key of their own, such as ownerReferences by uid. Not for custom resources. */
export function strategicMergePatch(
  client: KubeClient,
  path: string,
  body: Readonly<Record<string, unknown>>,
  options: WriteOptions,
): Promise<KubeObject> {
  return patch(client, path, STRATEGIC_MERGE, body, options);
}

/** RFC 7386: `null` removes, lists are replaced. */
export function mergePatch(
  client: KubeClient,
  path: string,
  body: Readonly<Record<string, unknown>>,
  options: WriteOptions,
): Promise<KubeObject> {
  return patch(client, path, MERGE, body, options);
}

/** RFC 6902: with a `test` operation it changes only what is still as it was read. */
export function jsonPatch(
  client: KubeClient,
  path: string,
  operations: readonly object[],
  options: WriteOptions,
): Promise<KubeObject> {
  return patch(client, path, JSON_PATCH, operations, options);
}

/** Whether a name is taken, for those who may create but not read: a dry-run create of it answers 409 AlreadyExists. */
export async function isNameTaken(
  client: KubeClient,
  collectionPath: string,
  object: Readonly<Record<string, unknown>>,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    await client.request({
      method: 'POST',
      path: collectionPath,
      query: { dryRun: 'All' },
      body: object,
      accept: METADATA_ONLY,
      signal,
    });
    return false;
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'AlreadyExists') return true;
    throw error;
  }
}

async function patch(
  client: KubeClient,
  path: string,
  contentType: string,
  body: unknown,
  options: WriteOptions,
  query: Readonly<Record<string, string>> = {},
): Promise<KubeObject> {
  const answer = await client.request({
    method: 'PATCH',
    path,
    query: {
      ...query,
      ...(options.fieldManager === undefined ? {} : { fieldManager: options.fieldManager }),
      ...(options.dryRun === true ? { dryRun: 'All' } : {}),
    },
    body,
    contentType,
    ...(options.metadataOnlyAnswer === false ? {} : { accept: METADATA_ONLY }),
    signal: options.signal,
  });
  const object = parseKubeObject(options.dryRun === true ? withVersion(answer) : answer);
  if (object === undefined) throw new KubeError(0, 'InvalidAnswer', `PATCH ${path} answered no object`);
  return object;
}

/** An object that a dry run would create has no resourceVersion. */
function withVersion(answer: unknown): unknown {
  if (!isMapping(answer) || !isMapping(answer['metadata'])) return answer;
  return { ...answer, metadata: { resourceVersion: '', ...answer['metadata'] } };
}
