import { isMapping } from '../fields.ts';
import type { Call } from '../identity/store-identity.ts';
import { type KubeClient, METADATA_ONLY_LIST } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { isConflict, isNotFound } from '../kube/kube-error.ts';
import { type KubeObject, objectKey } from '../kube/kube-object.ts';
import { listPages } from '../kube/list-pages.ts';
import { apiPath, LEASES, PODS } from '../kube/paths.ts';
import type { ReflectorHandler } from '../kube/reflector.ts';
import type { Log } from '../log.ts';
import { SECRET_NAME } from '../planning/secret-name.ts';
import { INJECTED } from '../references/annotations.ts';
import { claimedSecrets, claimOf, type PodClaim } from './pod-index.ts';
import type { SecretKeeper } from './secret-keeper.ts';
import type { RunOutcome } from './work-queue.ts';

export interface LeaseReaperOptions {
  readonly client: KubeClient;
  readonly keeper: SecretKeeper;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks for a run of a namespace after some time. */
  readonly schedule: (namespace: string, ms: number) => void;
}

/** Deletes Leases whose Pods were refused or have gone, and with them, through the garbage collector, their Secrets. */
export interface LeaseReaper extends ReflectorHandler {
  /** Handles all expired Leases of one namespace. */
  reap(namespace: string, call: Call): Promise<RunOutcome>;
}

interface KnownLease {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly expiresAt: number;
}

/** A creation may still be under way when its Lease was renewed last; the API server cuts requests at 34 s. */
const GRACE_MS = 35_000;
/** The least between two rounds of a namespace: each lists its Pods, so Leases that expire one by one go together. */
const ROUND_MS = 10_000;
/** Leases released at a time. */
const CHUNK = 16;

export function createLeaseReaper({ client, keeper, clock, log, schedule }: LeaseReaperOptions): LeaseReaper {
  const leases = new Map<string, KnownLease>();

  return {
    onUpsert(object) {
      // Whatever the label says: what is not named like a Secret of ours is not ours to delete.
      if (!SECRET_NAME.test(object.metadata.name)) return;
      const lease = readLease(object);
      leases.set(objectKey(lease.namespace, lease.name), lease);
      if (Number.isFinite(lease.expiresAt))
        schedule(lease.namespace, Math.max(0, lease.expiresAt - clock.date().getTime()));
    },

    onDelete({ namespace, name }) {
      leases.delete(objectKey(namespace, name));
    },

    async reap(namespace, call) {
      const own = [...leases.values()].filter((lease) => lease.namespace === namespace);
      const now = clock.date().getTime();
      const expired = own.filter(({ expiresAt }) => expiresAt <= now);
      if (expired.length > 0) {
        // A consistent list, newer than every one of these Leases: whatever Pod they were made for is in it, or never will be.
        const claims = await listClaims(namespace, call);
        await releaseAll(expired, claims, call);
      }
      const next = own.reduce(
        (least, { expiresAt }) => (expiresAt > now ? Math.min(least, expiresAt) : least),
        Infinity,
      );
      return Number.isFinite(next) ? { again: Math.max(next - now, ROUND_MS) } : {};
    },
  };

  /** A failure keeps no other Lease from being released; it is thrown at the end. */
  async function releaseAll(
    expired: readonly KnownLease[],
    claims: ReadonlyMap<string, readonly PodClaim[]>,
    call: Call,
  ): Promise<void> {
    const failures: unknown[] = [];
    for (let start = 0; start < expired.length; start += CHUNK) {
      const outcomes = await Promise.allSettled(
        expired
          .slice(start, start + CHUNK)
          .map((lease) => release(lease, claims.get(objectKey(lease.namespace, lease.name)) ?? [], call)),
      );
      failures.push(...outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : [])));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Its Pods become the Secret's owners first, so that no running Pod loses it; the deletion is only of the Lease that was seen. */
  async function release(
    { namespace, name, uid, resourceVersion }: KnownLease,
    pods: readonly PodClaim[],
    call: Call,
  ): Promise<void> {
    if (pods.length > 0) await keeper.keep(namespace, name, pods, call);
    try {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } };
      await client.request({ method: 'DELETE', path: apiPath(LEASES, { namespace, name }), body, signal: call.signal });
      log.debug({ namespace, lease: name, pods: pods.length }, 'expired Lease deleted');
    } catch (error) {
      // Renewed meanwhile, or gone: the watch brings the news.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    const key = objectKey(namespace, name);
    // The news may have come already: a renewed Lease stays known, or nobody would ever delete it.
    if (leases.get(key)?.resourceVersion === resourceVersion) leases.delete(key);
  }

  async function listClaims(namespace: string, { signal }: Call): Promise<ReadonlyMap<string, readonly PodClaim[]>> {
    const claims = new Map<string, PodClaim[]>();
    const path = apiPath(PODS, { namespace });
    const selectors = { labelSelector: `${INJECTED}=true` };
    for await (const page of listPages(client, { path, selectors, accept: METADATA_ONLY_LIST, signal })) {
      for (const pod of page.items) {
        for (const secret of claimedSecrets(pod)) {
          const pods = claims.get(secret) ?? [];
          claims.set(secret, pods);
          pods.push(claimOf(pod));
        }
      }
    }
    return claims;
  }
}

function readLease({ metadata, ...object }: KubeObject): KnownLease {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  return { namespace, name, uid, resourceVersion, expiresAt: expiryOf(object['spec']) + GRACE_MS };
}

/** A Lease without a readable time is not one that we wrote: it never expires for us. */
function expiryOf(spec: unknown): number {
  const { renewTime, leaseDurationSeconds } = isMapping(spec) ? spec : {};
  const renewedAt = typeof renewTime === 'string' ? Date.parse(renewTime) : Number.NaN;
  const expiresAt = renewedAt + Number(leaseDurationSeconds) * 1000;
  return Number.isFinite(expiresAt) ? expiresAt : Number.POSITIVE_INFINITY;
}
