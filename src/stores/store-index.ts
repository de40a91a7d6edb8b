import type { Config } from '../config.ts';
import type { Watched, WatchOptions } from '../kube/metadata-index.ts';
import { type ProviderKind, providerKinds as allProviderKinds } from '../providers/registry.ts';
import { followServedVersion } from './follow-served-version.ts';
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

const NO_STORES: ReadonlyMap<string, Store> = new Map();

/** Watches stores in the best version that the cluster serves, and follows when that changes. No CRDs: no stores. */
export function createStoreIndex(options: StoreIndexOptions): WatchedStoreIndex {
  const limitsFor = createLimitsFor(options.config);
  const parsing = { providerKinds: options.providerKinds ?? allProviderKinds, limitsFor };
  const listeners = new Set<(key: string) => void>();
  const served = followServedVersion<StoreFeed>({
    ...options,
    start(apiVersion) {
      const feed: StoreFeed = startStoreFeed({
        ...options,
        apiVersion,
        parse: (manifest) => parseStore(manifest, parsing),
        onChange(key) {
          if (served.feed() === feed) tell([key]);
        },
      });
      return feed;
    },
    onSwap(before, now) {
      options.log.info({ apiVersion: now.apiVersion, stores: now.stores.size }, 'reading stores');
      tell(new Set([...(before?.stores.keys() ?? []), ...now.stores.keys()]));
    },
  });

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

    synced: served.synced,
    isSynced: () => served.isSynced(),
    lastContactAt: () => served.lastContactAt(),
    stop: () => served.stop(),
  };

  function all(): ReadonlyMap<string, Store> {
    return served.feed()?.stores ?? NO_STORES;
  }

  function tell(keys: Iterable<string>): void {
    for (const key of keys) for (const listener of listeners) listener(key);
  }
}
