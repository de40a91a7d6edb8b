import { notServed } from './refusals.ts';
import type { ResourceTable, ServedResource } from './resource-table.ts';

/** What a path addresses. */
export interface RequestTarget {
  readonly resource: ServedResource;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Kubernetes' own kinds have lists that merge by a key; custom resources have none that we know of. */
export function isBuiltIn({ group }: ServedResource): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

/** Throws NotFound for what is not served, as the API server does. */
export function parseTarget(path: string, table: ResourceTable): RequestTarget {
  const segments = path.split('/').slice(1).map(decodeURIComponent);
  const root = segments.shift();
  const group = root === 'apis' ? segments.shift() : root === 'api' ? '' : undefined;
  const version = segments.shift();
  if (group === undefined || version === undefined) throw notServed(path);

  // `/namespaces/NAME` and `/namespaces/NAME/status` are the Namespace itself.
  const isInNamespace = segments[0] === 'namespaces' && segments.length > 2 && segments[2] !== 'status';
  const namespace = isInNamespace ? segments[1] : undefined;
  const [plural, name, subresource, ...rest] = isInNamespace ? segments.slice(2) : segments;
  const resource = table.byPath(group, version, plural ?? '');
  const isMisplaced =
    resource?.namespaced === false ? namespace !== undefined : name !== undefined && namespace === undefined;
  if (resource === undefined || isMisplaced || rest.length > 0) throw notServed(path);
  return { resource, version, namespace, name, subresource };
}
