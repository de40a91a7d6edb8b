import { objectKey, type KubeObject } from '../kube/kube-object.ts';
import type { ReflectorHandler } from '../kube/reflector.ts';
import { PLAN } from '../references/annotations.ts';
import { parsePlan } from '../planning/plan-annotation.ts';
import { SECRET_NAME } from '../planning/secret-name.ts';

/** A Pod that says it uses one of our Secrets. Its annotation is a request: nothing here has been verified. */
export interface PodClaim {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** `namespace/name` of Secrets, by the Pods that name them. Of 10,000 Pods it keeps names and uids only. */
export interface PodIndex extends ReflectorHandler {
  podsOf(secret: string): readonly PodClaim[];
  secrets(): readonly string[];
}

export function createPodIndex(onChange: (secret: string) => void): PodIndex {
  const bySecret = new Map<string, Map<string, PodClaim>>();
  const byPod = new Map<string, { readonly uid: string; readonly secrets: readonly string[] }>();

  function remove(pod: string): void {
    for (const secret of byPod.get(pod)?.secrets ?? []) {
      const claims = bySecret.get(secret);
      claims?.delete(pod);
      if (claims?.size === 0) bySecret.delete(secret);
    }
    byPod.delete(pod);
  }

  return {
    onUpsert(object) {
      const claim = claimOf(object);
      const pod = objectKey(claim.namespace, claim.name);
      // A Pod's plan never changes, so its later events say nothing new.
      if (byPod.get(pod)?.uid === claim.uid) return;
      remove(pod);
      const secrets = claimedSecrets(object);
      if (secrets.length === 0) return;
      byPod.set(pod, { uid: claim.uid, secrets });
      for (const secret of secrets) {
        const claims = bySecret.get(secret) ?? new Map<string, PodClaim>();
        bySecret.set(secret, claims.set(pod, claim));
        onChange(secret);
      }
    },

    onDelete({ namespace, name }) {
      remove(objectKey(namespace, name));
    },

    podsOf: (secret) => [...(bySecret.get(secret)?.values() ?? [])],
    secrets: () => [...bySecret.keys()],
  };
}

/** Secrets that the plan on a Pod names, as `namespace/name`; names of another form are none of ours. */
export function claimedSecrets({ metadata }: KubeObject): readonly string[] {
  return parsePlan(metadata.annotations?.[PLAN])
    .filter(({ name }) => SECRET_NAME.test(name))
    .map(({ name }) => objectKey(metadata.namespace, name));
}

export function claimOf({ metadata }: KubeObject): PodClaim {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid };
}
