import { type KubeClient, KubeError } from '../kube/client.ts';
import { toMicroTime } from '../kube/clock.ts';
import { apiPath, LEASES } from '../kube/paths.ts';
import { applyObject } from '../kube/server-side-apply.ts';
import { parseKubeObject } from '../kube/kube-object.ts';
import type { ObjectReference } from '../planning/plan.ts';
import { FIELD_MANAGER, MANAGED_BY } from './secret-object.ts';

export interface LeaseRequest {
  readonly namespace: string;
  /** The Secret's name. */
  readonly name: string;
  readonly durationMs: number;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Creates or renews the Lease that owns a Secret until its Pod is stored: a Pod has no uid at admission,
 * and a Secret whose Pod is refused after us must go. Returns it as an owner.
 */
export async function applyLease(client: KubeClient, request: LeaseRequest): Promise<ObjectReference> {
  const { namespace, name, durationMs, now, signal } = request;
  const lease = {
    apiVersion: LEASES.apiVersion,
    kind: 'Lease',
    metadata: { name, namespace, labels: MANAGED_BY },
    spec: {
      holderIdentity: FIELD_MANAGER,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      renewTime: toMicroTime(now),
    },
  };
  const path = apiPath(LEASES, { namespace, name });
  const stored = parseKubeObject(await applyObject(client, path, lease, { fieldManager: FIELD_MANAGER, signal }));
  if (stored === undefined) throw new KubeError(0, 'Unavailable', 'the answer to a Lease is no object');
  return { apiVersion: LEASES.apiVersion, kind: 'Lease', name, uid: stored.metadata.uid };
}
