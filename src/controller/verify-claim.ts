import type { OwnerLookup } from '../admission/owner-lookup.ts';
import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import type { ServiceAccountLookup } from '../identity/service-account-index.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import { parseKubeObject } from '../kube/kube-object.ts';
import { apiPath, PODS } from '../kube/paths.ts';
import type { PlannedSecret } from '../planning/plan.ts';
import type { DefinitionIndex } from '../planning/definition.ts';
import { parsePlan } from '../planning/plan-annotation.ts';
import { viewPod } from '../planning/pod-view.ts';
import { ownProblems, toPlanned } from '../planning/recorded-secrets.ts';
import { secretName } from '../planning/secret-name.ts';
import { PLAN } from '../references/annotations.ts';
import type { NamespaceIndex } from '../stores/namespace-index.ts';
import type { StoreIndex } from '../stores/store.ts';
import type { Asker } from '../identity/store-identity-factory.ts';
import type { PodClaim } from './pod-index.ts';

/** A stored Pod that really uses a Secret of its own: planned for its ServiceAccount, its owner and its references. */
export interface VerifiedClaim {
  readonly pod: PodClaim;
  readonly secret: PlannedSecret;
  readonly asker: Asker;
  /** What forbids reading its values now. A Secret that is there already stays. */
  readonly problems: readonly LatchkeyError[];
}

export type VerifyClaim = (claim: PodClaim, secretName: string, call: Call) => Promise<VerifiedClaim | undefined>;

export interface VerifyClaimOptions {
  readonly client: KubeClient;
  readonly owners: OwnerLookup;
  readonly serviceAccounts: ServiceAccountLookup;
  readonly namespaces: Pick<NamespaceIndex, 'find'>;
  readonly stores: StoreIndex;
  readonly definitions: DefinitionIndex;
  readonly controllerClass: string;
}

/**
 * Reads the Pod and computes the Secret's name again from what is true now: the ServiceAccount of its spec and its verified
 * owner. `undefined` where the Pod is gone or names a Secret that is not its own; whatever stands on it changes nothing then.
 */
export function createVerifyClaim(options: VerifyClaimOptions): VerifyClaim {
  const { client, owners, serviceAccounts, namespaces, stores, definitions, controllerClass } = options;

  return async (claim, name, call) => {
    const { namespace } = claim;
    const object = await readPod(client, claim, call);
    if (object === undefined) return undefined;
    const pod = viewPod(object);
    const recorded = parsePlan(pod.annotations?.[PLAN]).find((secret) => secret.name === name);
    const serviceAccount = await serviceAccounts.find(namespace, pod.serviceAccountName, call.signal);
    const facts = await namespaces.find(namespace, call.signal);
    if (recorded === undefined || serviceAccount === undefined || facts === undefined) return undefined;

    const owner =
      recorded.owner === 'lease' ? ({ kind: 'lease' } as const) : await ownerOf(owners, namespace, pod, call);
    const ownerUid = owner?.kind === 'object' ? owner.object.uid : '';
    const scope = { namespace, serviceAccountUid: serviceAccount.uid, ownerUid };
    if (owner === undefined || secretName(scope, recorded) !== name) return undefined;

    const secret: PlannedSecret = { ...toPlanned(recorded, owner), writer: 'controller' };
    const context = { namespace: facts, serviceAccount, stores, controllerClass, defaultStore: undefined };
    const problems = ownProblems(recorded, context, definitions);
    return { pod: claim, secret, asker: { namespace, serviceAccount }, problems };
  };
}

async function readPod(client: KubeClient, { namespace, name, uid }: PodClaim, { signal }: Call): Promise<unknown> {
  try {
    const pod = await client.request({ method: 'GET', path: apiPath(PODS, { namespace, name }), signal });
    return parseKubeObject(pod)?.metadata.uid === uid ? pod : undefined;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

/** An owner that is gone takes its Pods with it soon: nothing to keep alive. */
async function ownerOf(owners: OwnerLookup, namespace: string, pod: ReturnType<typeof viewPod>, call: Call) {
  try {
    return (await owners.find(namespace, pod, call)).owner;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'OWNER_INVALID') return undefined;
    throw error;
  }
}
