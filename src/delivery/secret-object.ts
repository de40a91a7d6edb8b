import type { ObjectReference } from '../planning/plan.ts';
import type { SecretValue } from '../secret-value.ts';

/** The field manager of everything that webhook and controller apply: one, so that they never conflict with each other. */
export const FIELD_MANAGER = 'latchkey';
/** On every Secret and Lease of ours; the fences ask for it. */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = { [MANAGED_BY_LABEL]: 'latchkey' } as const;
export const MANAGED_BY_SELECTOR = `${MANAGED_BY_LABEL}=latchkey`;

export interface SecretContent {
  readonly namespace: string;
  readonly name: string;
  readonly owner: ObjectReference;
  /** Of an ExternalSecret's copy; else `Opaque`. */
  readonly type?: string | undefined;
  readonly data: ReadonlyMap<string, SecretValue>;
}

/** The manifest to apply. The one place where values leave SecretValue for the cluster. */
export function secretObject({
  namespace,
  name,
  owner,
  type = 'Opaque',
  data,
}: SecretContent): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: MANAGED_BY, ownerReferences: [ownerReference(owner)] },
    type,
    data: Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value.expose()).toString('base64')])),
  };
}

/** Neither `controller` nor `blockOwnerDeletion`: we share the owner's life, we do not manage it. */
export function ownerReference({ apiVersion, kind, name, uid }: ObjectReference): object {
  return { apiVersion, kind, name, uid };
}
