import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { isMapping } from '../../fields.ts';
import { type KubeObject, parseKubeObject } from '../kube-object.ts';
import type { Json } from './field-path.ts';
import { badRequest } from './refusals.ts';
import { joinVersion, type ServedResource } from './resource-table.ts';

/** What writers cannot set: identity and history of an object. */
export interface SystemMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  /** Replaced when the object is stored. */
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
}

const FIELDS = ['name', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion', 'generation', 'deletionTimestamp'];
const REMOVED = ['managedFields', 'generateName', 'selfLink'];

export function newSystemMetadata(
  resource: ServedResource,
  place: { readonly namespace: string | undefined; readonly name: string },
  date: Date,
): SystemMetadata {
  return {
    name: place.name,
    ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
    uid: randomUUID(),
    creationTimestamp: toSeconds(date),
    resourceVersion: '0',
    ...(resource.hasGeneration ? { generation: 1 } : {}),
  };
}

/** An object of the stored version, with its writer's fields and the system's own. */
export function assemble(resource: ServedResource, fields: Json, system: SystemMetadata): KubeObject {
  const labels = resource.kind === 'Namespace' ? { labels: namespaceLabels(fields, system.name) } : {};
  const written = Object.entries(metadataOf(fields)).filter(([key]) => !FIELDS.includes(key) && !REMOVED.includes(key));
  const object = parseKubeObject({
    ...fields,
    apiVersion: joinVersion(resource.group, resource.versions[0] ?? ''),
    kind: resource.kind,
    metadata: { ...Object.fromEntries(written), ...labels, ...system },
  });
  if (object === undefined) throw badRequest('the object has no metadata');
  return object;
}

export function systemMetadataOf(object: KubeObject): SystemMetadata {
  const {
    name,
    namespace,
    uid,
    creationTimestamp = '',
    resourceVersion,
    generation,
    deletionTimestamp,
  } = object.metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    creationTimestamp,
    resourceVersion,
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

export function metadataOf(object: Json): Json {
  return isMapping(object['metadata']) ? object['metadata'] : {};
}

export function finalizersOf(object: KubeObject): readonly unknown[] {
  const finalizers = metadataOf(object)['finalizers'];
  return Array.isArray(finalizers) ? finalizers : [];
}

export function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Letters that spell no words, as the API server's. */
export function generatedSuffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return [...randomBytes(5)].map((byte) => letters[byte % letters.length]).join('');
}

/** The same manifests get the same uids, so that names derived from them can be compared. */
export function uidOfManifest(resource: ServedResource, namespace: string | undefined, name: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([resource.group, resource.kind, namespace, name]))
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function namespaceLabels(fields: Json, name: string): Json {
  const labels = metadataOf(fields)['labels'];
  return { ...(isMapping(labels) ? labels : {}), 'kubernetes.io/metadata.name': name };
}
