import { isMapping } from '../fields.ts';
import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import { type KubeClient, KubeError, METADATA_ONLY } from '../kube/client.ts';
import { parseKubeObject } from '../kube/kube-object.ts';
import { apiPath, PODS } from '../kube/paths.ts';
import type { Owner } from '../planning/plan.ts';
import { type ContainerView, type PodView, viewPod } from '../planning/pod-view.ts';
import type { AdmissionRequest } from './admission-request.ts';

/** Ephemeral containers that this update adds; those that were there cannot change any more. */
export function newEphemeralContainers(pod: PodView, oldObject: unknown): readonly ContainerView[] {
  const before = new Set(ephemeral(viewPod(oldObject)).map(({ name }) => name));
  return ephemeral(pod).filter(({ name }) => !before.has(name));
}

/** Checks that the Pod of an update exists with its uid: it is stored, so it owns the Secret at once. */
export function verifyPod(client: KubeClient) {
  return async ({ namespace, object }: AdmissionRequest, call: Call): Promise<Owner> => {
    const claim = isMapping(object['metadata']) ? object['metadata'] : {};
    const [name, uid] = [claim['name'], claim['uid']];
    if (typeof name !== 'string' || typeof uid !== 'string') throw unknownPod();
    const path = apiPath(PODS, { namespace, name });
    try {
      const stored = parseKubeObject(
        await client.request({ method: 'GET', path, accept: METADATA_ONLY, signal: call.signal }),
      );
      if (stored?.metadata.uid !== uid) throw unknownPod();
    } catch (error) {
      if (error instanceof LatchkeyError) throw error;
      if (error instanceof KubeError && error.status === 404) throw unknownPod();
      throw new LatchkeyError('CLUSTER_UNAVAILABLE', 'the API server did not answer about the Pod', {
        hint: 'Try again',
        cause: error,
      });
    }
    return { kind: 'object', object: { apiVersion: 'v1', kind: 'Pod', name, uid } };
  };
}

function ephemeral(pod: PodView): readonly ContainerView[] {
  return pod.containers.filter(({ list }) => list === 'ephemeralContainers');
}

function unknownPod(): LatchkeyError {
  return new LatchkeyError('OWNER_INVALID', 'the Pod of the ephemeral container does not exist with that uid', {
    hint: 'Use kubectl debug on a running Pod',
  });
}
