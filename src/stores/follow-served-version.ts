import { backoffMs, systemClock } from '../kube/clock.ts';
import { kubeErrorFacts } from '../kube/kube-error.ts';
import type { Watched, WatchOptions } from '../kube/metadata-index.ts';
import { discoverStoreVersion } from './discover-store-version.ts';

/** Objects of External Secrets' group in one served version, as watches bring them. */
export interface VersionedFeed {
  readonly apiVersion: string;
  readonly synced: Promise<unknown>;
  lastContactAt(): number;
  stop(): Promise<void>;
}

export interface FollowOptions<F extends VersionedFeed> extends WatchOptions {
  readonly start: (apiVersion: string) => F;
  /** After `now` took the place of `before`, complete from its first list on. */
  readonly onSwap: (before: F | undefined, now: F) => void;
}

export interface ServedVersion<F extends VersionedFeed> extends Watched {
  /** `undefined` while no version is served. */
  feed(): F | undefined;
}

/** CRDs may be installed, or begin to serve another version, at any time. */
const DISCOVERY_MS = 30_000;
const BACKOFF = { firstMs: 200, maxMs: 30_000 };

/**
 * Follows the best version that the cluster serves. No CRDs: no feed, and synced all the same. The old version's objects stay
 * until the new one's are complete: nobody must find them missing in between.
 */
export function followServedVersion<F extends VersionedFeed>(options: FollowOptions<F>): ServedVersion<F> {
  const { client, log, start, onSwap, clock = systemClock, random = Math.random } = options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const first = Promise.withResolvers<void>();
  let isSynced = false;
  let discoveredAt = clock.now();
  let feed: F | undefined;
  const loop = run();

  return {
    feed: () => feed,
    synced: first.promise,
    isSynced: () => isSynced,
    lastContactAt: () => feed?.lastContactAt() ?? discoveredAt,

    async stop() {
      stopping.abort();
      await loop;
      await feed?.stop();
    },
  };

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        await follow(await discoverStoreVersion(client, stopping.signal));
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        log.warn({ failures, ...kubeErrorFacts(error) }, 'the served versions of external-secrets.io are unknown');
      }
      const pauseMs = failures === 0 ? DISCOVERY_MS * (0.5 + random()) : backoffMs(failures, BACKOFF, random);
      await clock.sleep(pauseMs, stopping.signal);
    }
  }

  async function follow(apiVersion: string | undefined): Promise<void> {
    discoveredAt = clock.now();
    if (apiVersion !== undefined && apiVersion !== feed?.apiVersion) await changeTo(apiVersion);
    else if (feed === undefined) markSynced();
  }

  async function changeTo(apiVersion: string): Promise<void> {
    const next = start(apiVersion);
    await Promise.race([next.synced, stopped]);
    if (stopping.signal.aborted) {
      await next.stop();
      return;
    }
    const before = feed;
    feed = next;
    onSwap(before, next);
    markSynced();
    await before?.stop();
  }

  function markSynced(): void {
    isSynced = true;
    first.resolve();
  }
}
