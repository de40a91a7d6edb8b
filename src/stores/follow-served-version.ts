import { backoffMs, systemClock } from '../kube/clock.ts';
import { kubeErrorFacts } from '../kube/kube-error.ts';
import type { Watched, WatchOptions } from '../kube/metadata-index.ts';
import { discoverStoreVersion } from './discover-store-version.ts';

/** Objects of External Secrets' group in one served version, as watches bring them. */
export interface VersionedFeed<T> {
  readonly apiVersion: string;
  /** By a key of the feed's own. */
  readonly objects: ReadonlyMap<string, T>;
  readonly synced: Promise<unknown>;
  lastContactAt(): number;
  stop(): Promise<void>;
}

export interface FollowOptions<T, F extends VersionedFeed<T>> extends WatchOptions {
  /** For the log: `ExternalSecrets`. */
  readonly what: string;
  /** `onChange` is to be told the key of each object that came, changed or went. */
  readonly start: (apiVersion: string, onChange: (key: string) => void) => F;
}

export interface ServedVersion<T, F extends VersionedFeed<T>> extends Watched {
  /** `undefined` while no version is served. */
  feed(): F | undefined;
  all(): ReadonlyMap<string, T>;
  /** The listener hears the key of each object that came, changed or went. Returns how to stop that. */
  onChange(listener: (key: string) => void): () => void;
}

/** CRDs may be installed, or begin to serve another version, at any time. */
const DISCOVERY_MS = 30_000;
const BACKOFF = { firstMs: 200, maxMs: 30_000 };

/**
 * Follows the best version that the cluster serves. No CRDs: no feed, and synced all the same. The old version's objects stay
 * until the new one's are complete: nobody must find them missing in between.
 */
export function followServedVersion<T, F extends VersionedFeed<T>>(options: FollowOptions<T, F>): ServedVersion<T, F> {
  const { client, log, what, start, clock = systemClock, random = Math.random } = options;
  const listeners = new Set<(key: string) => void>();
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const first = Promise.withResolvers<void>();
  let isSynced = false;
  let discoveredAt = clock.now();
  let feed: F | undefined;
  const loop = run();

  return {
    feed: () => feed,
    all: () => feed?.objects ?? new Map<string, T>(),

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

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
    const next: F = start(apiVersion, (key) => {
      if (feed === next) tell([key]);
    });
    await Promise.race([next.synced, stopped]);
    if (stopping.signal.aborted) {
      await next.stop();
      return;
    }
    const before = feed;
    feed = next;
    log.info({ apiVersion, objects: next.objects.size }, `reading ${what}`);
    tell(new Set([...(before?.objects.keys() ?? []), ...next.objects.keys()]));
    markSynced();
    await before?.stop();
  }

  function tell(keys: Iterable<string>): void {
    for (const key of keys) for (const listener of listeners) listener(key);
  }

  function markSynced(): void {
    isSynced = true;
    first.resolve();
  }
}
