import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';
import type { SecretsClient } from '../providers/provider.ts';
import { createSingleFlight } from '../single-flight.ts';
import type { Session } from './session.ts';
import { createSharedClient, type SharedClient } from './shared-client.ts';
import type { StoreCalls } from './store-calls.ts';

/** Logged-in clients, one for each session, kept while they are used and valid, closed when the last read with them ended. */
export interface ClientCache {
  /** Every lease must be released. Throws what `connect` throws. */
  acquire(session: Session): Promise<Lease>;
  /** After the provider rejected a cached client: another one, or `undefined` where the rejection counts. */
  renew(session: Session, rejected: Lease): Promise<Lease | undefined>;
  /** Closes what is idle or expired. */
  sweep(): void;
  close(): Promise<void>;
}

export interface Lease {
  readonly client: SecretsClient;
  /** Not made for this lease: its credentials may have been revoked since. */
  readonly isCached: boolean;
  release(): void;
}

export interface ClientCacheOptions {
  readonly calls: StoreCalls;
  readonly clock: Clock;
  /** How long a client stays open without being used. */
  readonly idleMs: number;
  /** The provider said no to the identity itself. */
  readonly onRefused: (session: Session) => void;
}

interface Held extends SharedClient {
  readonly session: Session;
  readonly usableUntilMs: number;
  lastUsedMs: number;
}

interface Refusal {
  readonly error: LatchkeyError;
  readonly untilMs: number;
}

const MAX_CLIENTS = 1000;
const EXPIRY_MARGIN_MS = 30_000; // longer than any call with the client
const REFUSAL_TTL_MS = 2000; // many Pods at once are one refused login; whoever grants access sees it at once
const RELOGIN_INTERVAL_MS = 30_000; // rights granted since the login count after this long at most; denied Pods log in no oftener
const CLOSE_TIMEOUT_MS = 5000;

export function createClientCache({ calls, clock, idleMs, onRefused }: ClientCacheOptions): ClientCache {
  const clients = new LRUCache<string, Held>({ max: MAX_CLIENTS, dispose: (held) => held.retire() });
  const refusals = new LRUCache<string, Refusal>({ max: MAX_CLIENTS });
  const renewedAtMs = new LRUCache<string, number>({ max: MAX_CLIENTS });
  const logins = createSingleFlight<Held>();
  const leases = new WeakMap<Lease, Held>();
  const closing = new Set<Promise<void>>();

  return { acquire, renew, sweep, close };

  async function acquire(session: Session): Promise<Lease> {
    const held = clients.get(session.scope);
    if (held !== undefined && clock.now() < held.usableUntilMs) return lease(held, true);

    const refusal = refusals.get(session.scope);
    if (refusal !== undefined && clock.now() < refusal.untilMs) throw refusal.error;
    return lease(await logins.join(session.scope, () => login(session)), false);
  }

  async function renew(session: Session, rejected: Lease): Promise<Lease | undefined> {
    const current = clients.get(session.scope);
    if (current !== undefined && current === leases.get(rejected)) {
      const lastMs = renewedAtMs.get(session.scope);
      if (lastMs !== undefined && clock.now() - lastMs < RELOGIN_INTERVAL_MS) return undefined;
      renewedAtMs.set(session.scope, clock.now());
      clients.delete(session.scope);
    }
    return acquire(session); // where another read logged in again already, its client
  }

  async function login(session: Session): Promise<Held> {
    const client = await connect(session);
    const usableMs = usableMsOf(client);
    const usableUntilMs = clock.now() + usableMs;
    const held = Object.assign(createSharedClient(client, closeClient), {
      session,
      usableUntilMs,
      lastUsedMs: clock.now(),
    });
    // In use by the login itself until all who wait for it have taken their leases.
    setImmediate(held.use());
    if (usableMs <= 0) {
      held.retire();
      return held;
    }
    discard((other) => isSuperseded(other.session, session));
    clients.set(session.scope, held);
    return held;
  }

  async function connect(session: Session): Promise<SecretsClient> {
    try {
      return await calls.run(session, async (call) => {
        const client = await session.configured.connect(session.identity, call);
        if (call.signal.aborted) closeClient(client); // too late: nobody will use it
        return client;
      });
    } catch (thrown) {
      const error = LatchkeyError.from(thrown);
      if (error.fault === 'denied' || error.fault === 'user') {
        refusals.set(session.scope, { error, untilMs: clock.now() + REFUSAL_TTL_MS });
        onRefused(session);
      }
      throw error;
    }
  }

  function usableMsOf({ expiresAt }: SecretsClient): number {
    if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
    const lifetimeMs = expiresAt.getTime() - clock.date().getTime();
    return lifetimeMs - Math.min(EXPIRY_MARGIN_MS, lifetimeMs / 5);
  }

  function lease(held: Held, isCached: boolean): Lease {
    const leave = held.use();
    held.lastUsedMs = clock.now();
    const leased: Lease = {
      client: held.client,
      isCached,
      release() {
        held.lastUsedMs = clock.now();
        leave();
      },
    };
    leases.set(leased, held);
    return leased;
  }

  function closeClient(client: SecretsClient): void {
    if (client.close === undefined) return;
    // What could not be revoked expires by itself.
    const work: Promise<void> = client
      .close()
      .catch(() => undefined)
      .finally(() => closing.delete(work));
    closing.add(work);
  }

  function sweep(): void {
    const nowMs = clock.now();
    discard((held) => {
      const isIdle = held.isIdle && nowMs - held.lastUsedMs >= idleMs;
      return isIdle || nowMs >= held.usableUntilMs;
    });
  }

  function discard(isUnwanted: (held: Held) => boolean): void {
    const unwanted = [...clients.values()].filter(isUnwanted);
    for (const { session } of unwanted) clients.delete(session.scope);
  }

  async function close(): Promise<void> {
    clients.clear();
    const enough = new AbortController();
    await Promise.race([Promise.all(closing), clock.sleep(CLOSE_TIMEOUT_MS, enough.signal)]);
    enough.abort();
  }
}

function isSuperseded(old: Session, current: Session): boolean {
  return old.storeId === current.storeId && old.generation < current.generation;
}
