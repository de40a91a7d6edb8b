import type { KubeRequest } from '../client.ts';
import { type KubeObject, objectKey } from '../kube-object.ts';
import type { ObjectStore } from './object-store.ts';
import { badRequest } from './refusals.ts';
import type { RequestTarget } from './request-target.ts';
import { joinVersion } from './resource-table.ts';
import { parseSelectors } from './selectors.ts';
import { shape } from './shape-object.ts';

/** A list, with selectors and pages. Later pages show the present, under the first page's resourceVersion. */
export function listObjects(store: ObjectStore, target: RequestTarget, request: KubeRequest): object {
  const { resource, version, namespace } = target;
  const query = request.query ?? {};
  const position = query['continue'] === undefined ? undefined : parsePosition(query['continue']);
  const listVersion = position?.version ?? store.version();
  const select = parseSelectors(query);
  const rest = store
    .list(resource, namespace)
    .filter((object) => select(object) && keyOf(object) > (position?.after ?? ''));

  const limit = Number(query['limit'] ?? 0);
  const page = limit > 0 ? rest.slice(0, limit) : rest;
  const last = page.at(-1);
  const hasMore = page.length < rest.length && last !== undefined;
  const metadata = {
    resourceVersion: String(listVersion),
    ...(hasMore ? { continue: printPosition({ version: listVersion, after: keyOf(last) }) } : {}),
  };
  const isPartial = request.accept?.includes('as=PartialObjectMetadataList') === true;
  if (isPartial) {
    const items = page.map((object) => shape(target, object, 'as=PartialObjectMetadata'));
    return { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadataList', metadata, items };
  }
  // The API server's own kinds carry no apiVersion and kind in a list.
  return {
    apiVersion: joinVersion(resource.group, version),
    kind: `${resource.kind}List`,
    metadata,
    items: page.map(bare),
  };
}

interface Position {
  readonly version: number;
  readonly after: string;
}

function printPosition({ version, after }: Position): string {
  return Buffer.from(`${version} ${after}`).toString('base64url');
}

function parsePosition(token: string): Position {
  const [, version, after] = /^(\d+) (.*)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (version === undefined || after === undefined) throw badRequest('continue key is not valid');
  return { version: Number(version), after };
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

function bare({ apiVersion: _apiVersion, kind: _kind, ...object }: KubeObject): object {
  return object;
}
