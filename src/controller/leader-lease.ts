import { type Clock, toMicroTime } from '../kube/clock.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/kube-error.ts';
import { apiPath, LEASES } from '../kube/paths.ts';
import { isMapping } from '../fields.ts';

export interface LeaderLeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly leaseName: string;
  readonly identity: string;
  readonly leaseMs: number;
  readonly clock: Clock;
}

/** The Lease as one candidate sees it. Every write names the resourceVersion it was decided on, so only one can win. */
export interface LeaderLease {
  /** Takes the Lease where it is free, expired or ours. */
  acquire(signal: AbortSignal): Promise<boolean>;
  /** False when another one holds it; throws when that is unknown. */
  renew(signal: AbortSignal): Promise<boolean>;
  /** Lets the next candidate in at once, if it is still ours. */
  release(signal: AbortSignal): Promise<void>;
  /** `clock.now()` when the last successful write was sent. */
  renewedAt(): number;
}

interface LeaseState {
  readonly resourceVersion: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly holder: string;
  readonly transitions: number;
  readonly acquireTime: unknown;
  /** How long the holder asked others to wait. */
  readonly durationMs: number;
}

export function createLeaderLease(options: LeaderLeaseOptions): LeaderLease {
  const { client, namespace, leaseName, identity, leaseMs, clock } = options;
  const path = apiPath(LEASES, { namespace, name: leaseName });
  let state: LeaseState | undefined;
  /** When this resourceVersion was first seen here: clocks of other machines say nothing about when it expires. */
  let seenAt = clock.now();
  let renewedAt = clock.now();

  return {
    async acquire(signal) {
      await look(signal);
      if (state === undefined) return writeUnlessBeaten(() => create(signal));
      const isFree = state.holder === '' || state.holder === identity || clock.now() >= seenAt + state.durationMs;
      return isFree && writeUnlessBeaten(() => replace(identity, signal));
    },

    async renew(signal) {
      return replaceOurs(identity, signal);
    },

    async release(signal) {
      if (state?.holder === identity) await replaceOurs('', signal);
    },

    renewedAt: () => renewedAt,
  };

  async function replaceOurs(holder: string, signal: AbortSignal): Promise<boolean> {
    if (await writeUnlessBeaten(() => replace(holder, signal))) return true;
    // Somebody wrote it, perhaps we ourselves without hearing the answer, perhaps only a label.
    await look(signal);
    return state?.holder === identity && writeUnlessBeaten(() => replace(holder, signal));
  }

  async function look(signal: AbortSignal): Promise<void> {
    try {
      remember(await client.request({ method: 'GET', path, signal }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      state = undefined;
    }
  }

  async function create(signal: AbortSignal): Promise<unknown> {
    const collection = apiPath(LEASES, { namespace });
    const body = lease({ name: leaseName, namespace }, identity, 0, undefined);
    return client.request({ method: 'POST', path: collection, body, signal });
  }

  async function replace(holder: string, signal: AbortSignal): Promise<unknown> {
    if (state === undefined) throw new KubeError(409, 'Conflict', 'the lease is gone');
    const isChange = holder !== '' && holder !== state.holder;
    const transitions = state.transitions + (isChange ? 1 : 0);
    const body = lease(state.metadata, holder, transitions, isChange ? undefined : state.acquireTime);
    return client.request({ method: 'PUT', path, body, signal });
  }

  async function writeUnlessBeaten(write: () => Promise<unknown>): Promise<boolean> {
    const sentAt = clock.now();
    try {
      remember(await write());
      renewedAt = sentAt;
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  function lease(metadata: object, holder: string, transitions: number, acquireTime: unknown): object {
    const now = toMicroTime(clock.date());
    return {
      apiVersion: LEASES.apiVersion,
      kind: 'Lease',
      metadata,
      spec: {
        holderIdentity: holder,
        // Nobody needs to wait for a holder that has left.
        leaseDurationSeconds: holder === '' ? 1 : Math.ceil(leaseMs / 1000),
        acquireTime: acquireTime ?? now,
        renewTime: now,
        leaseTransitions: transitions,
      },
    };
  }

  function remember(answer: unknown): void {
    const next = parseLease(answer, leaseMs);
    if (next.resourceVersion !== state?.resourceVersion) seenAt = clock.now();
    state = next;
  }
}

function parseLease(answer: unknown, defaultMs: number): LeaseState {
  const metadata = isMapping(answer) ? answer['metadata'] : undefined;
  const spec = isMapping(answer) && isMapping(answer['spec']) ? answer['spec'] : {};
  if (!isMapping(metadata) || typeof metadata['resourceVersion'] !== 'string') {
    throw new KubeError(0, 'InvalidAnswer', 'the API server answered no Lease');
  }
  const { holderIdentity, leaseDurationSeconds, leaseTransitions, acquireTime } = spec;
  return {
    resourceVersion: metadata['resourceVersion'],
    metadata,
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    acquireTime,
    durationMs: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds * 1000 : defaultMs,
  };
}
