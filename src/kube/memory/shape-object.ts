import type { WatchEvent } from '../client.ts';
import { type KubeObject, parseKubeObject } from '../kube-object.ts';
import { joinVersion, type ServedResource } from './resource-table.ts';

interface Asked {
  readonly resource: ServedResource;
  readonly version: string;
}

/** An object as it was asked for: in the version of the path, or its metadata alone. */
export function shape({ resource, version }: Asked, object: KubeObject, accept: string | undefined): object {
  const { resourceVersion, ...unversioned } = object.metadata;
  const metadata = resourceVersion === '' ? unversioned : object.metadata;
  if (isMetadataOnly(accept)) {
    return { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata };
  }
  return { ...object, apiVersion: joinVersion(resource.group, version), metadata };
}

export function isMetadataOnly(accept: string | undefined): boolean {
  return accept?.includes('as=PartialObjectMetadata') === true;
}

export function shapeEvent(asked: Asked, { type, object }: WatchEvent, accept: string | undefined): WatchEvent {
  const whole = parseKubeObject(object);
  // Bookmarks and errors are no objects.
  return whole === undefined ? { type, object } : { type, object: shape(asked, whole, accept) };
}
