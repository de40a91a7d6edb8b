import type { Config } from '../config.ts';
import { backoffMs, systemClock } from '../kube/clock.ts';
import { kubeErrorFacts } from '../kube/kube-error.ts';
import type { Watched, WatchOptions } from '../kube/metadata-index.ts';
import { type ProviderKind, providerKinds as allProviderKinds } from '../providers/registry.ts';
import { discoverStoreVersion } from './discover-store-version.ts';
import { parseStore } from './parse-store.ts';
import { createLimitsFor } from './provider-limits.ts';
import type { Store, StoreIndex } from './store.ts';
import { type StoreFeed, startStoreFeed } from './store-feed.ts';
import { storeKey } from './store-key.ts';

/** The stores of a cluster. */
export interface WatchedStoreIndex extends StoreIndex, Watched {
  /** Every store by its `storeKey`. */
  all(): ReadonlyMap<string, Store>;
  /** The listener hears the `storeKey` of each store that came, changed or went. Returns how to stop that. */
  onChange(listener: (key: string) => void): () => void;
}

export interface StoreIndexOptions extends WatchOptions {
  readonly config: Config;
  readonly providerKinds?: readonly ProviderKind[];
}

/** CRDs may be installed, or begin to serve another version, at any time. */
const DISCOVERY_MS = 30_000;
const BACKOFF = { firstMs: 200, maxMs: 30_000 };
const NO_STORES: ReadonlyMap<string, Store> = new Map();

/** Watches stores in the best version that the cluster serves, and follows when that changes. No CRDs: no stores. */
export function createStoreIndex(options: StoreIndexOptions): WatchedStoreIndex {
  const { client, config, log, clock = systemClock, random = Math.random } = options;
  const parsing = { providerKinds: options.providerKinds ?? allProviderKinds, limitsFor: createLimitsFor(config) };
  const listeners = new Set<(key: string) => void>();
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const first = Promise.withResolvers<void>();
  let isSynced = false;
  let discoveredAt = clock.now();
  let feed: StoreFeed | undefined;
  const loop = run();

  return {
    get: (kind, namespace, name) => all().get(storeKey(kind, namespace, name)),

    names(kind, namespace) {
      return [...all().values()]
        .filter((store) => store.kind === kind && (kind === 'ClusterSecretStore' || store.namespace === namespace))
        .map(({ name }) => name);
    },

    all,

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

  function all(): ReadonlyMap<string, Store> {
    return feed?.stores ?? NO_STORES;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        await follow(await discoverStoreVersion(client, stopping.signal));
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        log.warn({ failures, ...kubeErrorFacts(error) }, 'served versions of stores are unknown');
      }
      const pauseMs = failures === 0 ? DISCOVERY_MS * (0.5 + random()) : backoffMs(failures, BACKOFF, random);
      await clock.sleep(pauseMs, stopping.signal);
    }
  }

  /** The old version's stores stay until the new one's are complete: a Pod must not find them missing in between. */
  async function follow(apiVersion: string | undefined): Promise<void> {
    discoveredAt = clock.now();
    if (apiVersion !== undefined && apiVersion !== feed?.apiVersion) await changeTo(apiVersion);
    else if (feed === undefined) markSynced();
  }

  async function changeTo(apiVersion: string): Promise<void> {
    const next: StoreFeed = startStoreFeed({
      ...options,
      apiVersion,
      parse: (manifest) => parseStore(manifest, parsing),
      onChange: (key) => {
        if (feed === next) tell([key]);
      },
    });
    await Promise.race([next.synced, stopped]);
    if (stopping.signal.aborted) return next.stop();

    const before = feed;
    feed = next;
    log.info({ apiVersion, stores: next.stores.size }, 'reading stores');
    tell(new Set([...(before?.stores.keys() ?? []), ...next.stores.keys()]));
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
