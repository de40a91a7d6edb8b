import { LRUCache } from 'lru-cache';
import type { ClusterDefinition } from '../../externalsecrets/cluster-definition.ts';
import { type KubeClient, METADATA_ONLY } from '../../kube/client.ts';
import { isNotFound } from '../../kube/kube-error.ts';
import { type KubeObject, objectKey, parseKubeObject } from '../../kube/kube-object.ts';
import { apiPath } from '../../kube/paths.ts';
import { applyObject } from '../../kube/server-side-apply.ts';
import {
  controllingUid,
  type ExternalSecretIndex,
  fingerprintOf,
  type KnownExternalSecret,
} from './external-secret-index.ts';

export const FIELD_MANAGER = 'latchkey-cluster-external-secret';

/** What came of one namespace: its ExternalSecret is as it should be, or somebody else's stands there. */
export type Stamped = 'stamped' | 'foreign';

export interface Stamper {
  /** Makes the namespace's ExternalSecret, or makes it right. Writes nothing where nothing differs. */
  stamp(definition: ClusterDefinition, namespace: string, signal: AbortSignal): Promise<Stamped>;
  /** Deletes just this object, not one that took its name meanwhile. */
  remove(apiVersion: string, known: KnownExternalSecret, signal: AbortSignal): Promise<void>;
}

interface Applied {
  readonly wanted: string;
  readonly uid: string;
  readonly fingerprint: string;
}

const MAX_REMEMBERED = 50_000;

/** Remembers what it applied, so that news of one namespace costs no request in the others. */
export function createStamper(client: KubeClient, index: Pick<ExternalSecretIndex, 'get'>): Stamper {
  const applied = new LRUCache<string, Applied>({ max: MAX_REMEMBERED });

  return {
    async stamp(definition, namespace, signal) {
      const object = toExternalSecret(definition, namespace);
      const wanted = JSON.stringify(object);
      const key = objectKey(namespace, definition.externalSecretName);
      const known = index.get(namespace, definition.externalSecretName);
      if (known !== undefined && known.ownerUid !== definition.uid) return 'foreign';
      if (known !== undefined && isSame(applied.get(key), wanted, known)) return 'stamped';
      // The watch may lag behind: what exists and is not ours must not be taken over by an apply.
      if (known === undefined && (await isTaken(definition, namespace, signal))) return 'foreign';

      const path = pathOf(definition.apiVersion, namespace, definition.externalSecretName);
      // What is ours is set right whoever changed it.
      const force = known !== undefined;
      const { metadata } = await applyObject(client, path, object, { fieldManager: FIELD_MANAGER, force, signal });
      applied.set(key, { wanted, uid: metadata.uid, fingerprint: fingerprintOf(metadata) });
      return 'stamped';
    },

    async remove(apiVersion, { namespace, name, uid }, signal) {
      const path = pathOf(apiVersion, namespace, name);
      try {
        await client.request({ method: 'DELETE', path, body: { preconditions: { uid } }, signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      applied.delete(objectKey(namespace, name));
    },
  };

  async function isTaken(
    { apiVersion, uid, externalSecretName }: ClusterDefinition,
    namespace: string,
    signal: AbortSignal,
  ) {
    const path = pathOf(apiVersion, namespace, externalSecretName);
    const found = await readMetadata(path, signal);
    return found !== undefined && controllingUid(found.metadata) !== uid;
  }

  async function readMetadata(path: string, signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return parseKubeObject(await client.request({ method: 'GET', path, accept: METADATA_ONLY, signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function isSame(before: Applied | undefined, wanted: string, known: KnownExternalSecret): boolean {
  return before?.wanted === wanted && before.uid === known.uid && before.fingerprint === known.fingerprint;
}

export function toExternalSecret(definition: ClusterDefinition, namespace: string): Readonly<Record<string, unknown>> {
  const { apiVersion, name, uid, externalSecretName, labels, annotations, spec } = definition;
  // No blockOwnerDeletion: nothing that is deleted may have to wait for us.
  const owner = { apiVersion, kind: 'ClusterExternalSecret', name, uid, controller: true };
  return {
    apiVersion,
    kind: 'ExternalSecret',
    metadata: { name: externalSecretName, namespace, labels, annotations, ownerReferences: [owner] },
    spec,
  };
}

function pathOf(apiVersion: string, namespace: string, name: string): string {
  return apiPath({ apiVersion, plural: 'externalsecrets' }, { namespace, name });
}
