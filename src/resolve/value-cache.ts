import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';
import type { SecretValue } from '../secret-value.ts';
import { createSingleFlight } from '../single-flight.ts';
import type { ResolveObserver } from './observer.ts';

/** A remote secret as it was read. */
export interface RemoteSecret {
  readonly value: SecretValue;
  readonly expiresAt?: Date;
  /** The provider's own way from value to map, where it has one. */
  toMap?(value: SecretValue): ReadonlyMap<string, SecretValue>;
}

/**
 * Values by key, and the key holds the identity. A key is read at most once in a TTL, whatever the number of askers:
 * - until the TTL: served.
 * - until a quarter of a TTL later: served, and refreshed behind the answer.
 * - later: read again. Where that fails transiently, the old value is served for `staleIfErrorMs` more. A provider that said
 *   no, or that there is nothing, ends that at once.
 *
 * Ages count from the start of the read, so that a slow provider's answer is not taken for newer than it is.
 */
export interface ValueCache {
  get(key: string, load: () => Promise<RemoteSecret>): Promise<RemoteSecret>;
  /** Drops every value under keys with that beginning. Refusals stay: they are why. */
  forget(prefix: string): void;
  /** Drops what may not be served any more, so that it does not stay in memory. */
  sweep(): void;
}

export interface ValueCacheOptions {
  readonly ttlMs: number;
  /** 0 turns it off. */
  readonly staleIfErrorMs: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly observer: ResolveObserver;
}

interface Entry {
  readonly outcome:
    | { readonly ok: true; readonly secret: RemoteSecret }
    | { readonly ok: false; readonly error: LatchkeyError };
  readonly freshUntilMs: number;
  readonly servedUntilMs: number;
  /** Until when it stands in for a provider that fails. */
  readonly staleUntilMs: number;
  /** It does so now. */
  readonly isStandIn?: boolean;
}

const GRACE = 0.25; // of the TTL
const REFUSAL_TTL_MS = 2000; // a thousand Pods denied at once are one call; whoever grants access waits no longer
const STALE_RETRY_MS = 5000; // a failing store is asked again this often while old values stand in
const ENTRY_OVERHEAD_BYTES = 512;

export function createValueCache(options: ValueCacheOptions): ValueCache {
  const { ttlMs, staleIfErrorMs, maxBytes, clock, observer } = options;
  const entries = new LRUCache<string, Entry>({ maxSize: maxBytes, sizeCalculation: sizeOf });
  const reads = createSingleFlight<RemoteSecret>();

  return {
    async get(key, load) {
      const entry = entries.get(key);
      const nowMs = clock.now();
      if (entry !== undefined && nowMs < entry.freshUntilMs) {
        observer.cache(entry.isStandIn ? 'stale' : 'hit');
        if (entry.outcome.ok) return entry.outcome.secret;
        throw entry.outcome.error;
      }

      const read = reads.join(key, () => refresh(key, load));
      const isServed = entry?.outcome.ok === true && nowMs < entry.servedUntilMs;
      observer.cache(isServed ? 'stale' : 'miss');
      return isServed ? entry.outcome.secret : read;
    },

    forget(prefix) {
      discard((key, { outcome }) => outcome.ok && key.startsWith(prefix));
    },

    sweep() {
      const nowMs = clock.now();
      discard((_, entry) => isOver(entry, nowMs));
    },
  };

  function discard(isUnwanted: (key: string, entry: Entry) => boolean): void {
    const unwanted = [...entries.entries()].filter(([key, entry]) => isUnwanted(key, entry));
    for (const [key] of unwanted) entries.delete(key);
  }

  async function refresh(key: string, load: () => Promise<RemoteSecret>): Promise<RemoteSecret> {
    const startedAtMs = clock.now();
    try {
      const secret = await load();
      keep(key, entryOf(secret, startedAtMs));
      return secret;
    } catch (thrown) {
      return standIn(key, LatchkeyError.from(thrown));
    }
  }

  /** With a TTL of 0 nothing may be served again, so nothing stays in memory. */
  function keep(key: string, entry: Entry): void {
    if (isOver(entry, clock.now())) entries.delete(key);
    else entries.set(key, entry);
  }

  function entryOf(secret: RemoteSecret, startedAtMs: number): Entry {
    const leftMs =
      secret.expiresAt === undefined ? Number.POSITIVE_INFINITY : secret.expiresAt.getTime() - clock.date().getTime();
    const endsAtMs = clock.now() + leftMs;
    return {
      outcome: { ok: true, secret },
      freshUntilMs: Math.min(startedAtMs + ttlMs, endsAtMs),
      servedUntilMs: Math.min(startedAtMs + ttlMs * (1 + GRACE), endsAtMs),
      staleUntilMs: Math.min(startedAtMs + ttlMs + staleIfErrorMs, endsAtMs),
    };
  }

  /** The old value for a read that failed, else the failure. */
  function standIn(key: string, error: LatchkeyError): RemoteSecret {
    const nowMs = clock.now();
    if (error.fault === 'transient') {
      const old = entries.peek(key);
      if (old?.outcome.ok !== true || nowMs >= old.staleUntilMs) throw error;
      const retryAtMs = Math.min(nowMs + STALE_RETRY_MS, old.staleUntilMs);
      const servedUntilMs = Math.min(retryAtMs + STALE_RETRY_MS, old.staleUntilMs);
      entries.set(key, { ...old, freshUntilMs: retryAtMs, servedUntilMs, isStandIn: true });
      return old.outcome.secret;
    }
    if (error.fault === 'internal') throw error; // a mistake of ours says nothing about the value

    const untilMs = nowMs + Math.min(REFUSAL_TTL_MS, ttlMs);
    keep(key, {
      outcome: { ok: false, error },
      freshUntilMs: untilMs,
      servedUntilMs: untilMs,
      staleUntilMs: untilMs,
    });
    throw error;
  }
}

function isOver({ servedUntilMs, staleUntilMs }: Entry, nowMs: number): boolean {
  return nowMs >= Math.max(servedUntilMs, staleUntilMs);
}

function sizeOf({ outcome }: Entry, key: string): number {
  return ENTRY_OVERHEAD_BYTES + 2 * key.length + (outcome.ok ? outcome.secret.value.size : 0);
}
