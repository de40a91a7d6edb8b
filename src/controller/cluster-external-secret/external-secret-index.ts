import type { KubeObject, ObjectMeta } from '../../kube/kube-object.ts';
import { objectKey } from '../../kube/kube-object.ts';
import type { ReflectorHandler } from '../../kube/reflector.ts';

/** What is kept of an ExternalSecret's metadata. */
export interface KnownExternalSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The ClusterExternalSecret that stamped it. */
  readonly ownerUid: string | undefined;
  /** Changes with spec, labels and annotations; not with the status. */
  readonly fingerprint: string;
}

/** All ExternalSecrets of the cluster, fed by a watch of their metadata. */
export interface ExternalSecretIndex extends ReflectorHandler {
  get(namespace: string, name: string): KnownExternalSecret | undefined;
  ownedBy(uid: string): readonly KnownExternalSecret[];
}

/** `onChange` hears what came, changed other than in its status, or went. */
export function createExternalSecretIndex(onChange: (known: KnownExternalSecret) => void): ExternalSecretIndex {
  const known = new Map<string, KnownExternalSecret>();
  return {
    get: (namespace, name) => known.get(objectKey(namespace, name)),
    ownedBy: (uid) => [...known.values()].filter(({ ownerUid }) => ownerUid === uid),

    onUpsert({ metadata }: KubeObject) {
      const key = objectKey(metadata.namespace, metadata.name);
      const before = known.get(key);
      const now = toKnown(metadata);
      known.set(key, now);
      const isSame = before?.uid === now.uid && before.fingerprint === now.fingerprint;
      if (!isSame || before.ownerUid !== now.ownerUid) onChange(now);
    },

    onDelete({ namespace, name }) {
      const key = objectKey(namespace, name);
      const before = known.get(key);
      known.delete(key);
      if (before !== undefined) onChange(before);
    },
  };
}

export function fingerprintOf({ generation, labels = {}, annotations = {} }: ObjectMeta): string {
  return JSON.stringify([generation, sorted(labels), sorted(annotations)]);
}

/** The uid of the ClusterExternalSecret that controls the object. */
export function controllingUid({ ownerReferences = [] }: ObjectMeta): string | undefined {
  const owner = ownerReferences.find(({ controller }) => controller === true);
  const isOurKind = owner?.kind === 'ClusterExternalSecret' && owner.apiVersion.startsWith('external-secrets.io/');
  return isOurKind ? owner.uid : undefined;
}

function toKnown(metadata: ObjectMeta): KnownExternalSecret {
  const { namespace = '', name, uid } = metadata;
  return { namespace, name, uid, ownerUid: controllingUid(metadata), fingerprint: fingerprintOf(metadata) };
}

function sorted(map: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
