import { isMapping } from '../fields.ts';

/** A stored object as it travels: what it certainly has, the rest unread. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  /** Absent for a cluster-wide object. */
  readonly namespace?: string;
  readonly uid: string;
  /** Empty in the answer to a dry run that would create. */
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  /** Read by managed-fields.ts. */
  readonly managedFields?: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Checks what every object of the API server has; its schema vouches for the shape of the rest. */
export function parseKubeObject(value: unknown): KubeObject | undefined {
  return isKubeObject(value) ? value : undefined;
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isMapping(value) || !isMapping(value['metadata'])) return false;
  const { name, uid, resourceVersion } = value['metadata'];
  return typeof name === 'string' && typeof uid === 'string' && typeof resourceVersion === 'string';
}

/** `namespace/name`, or `/name` for a cluster-wide object: its place in a map. */
export function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
