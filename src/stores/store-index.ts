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

/** Watches stores in the best version that the cluster serves, and follows when that changes. No CRDs: no stores. */
export function createStoreIndex(options: StoreIndexOptions): WatchedStoreIndex {
  const limitsFor = createLimitsFor(options.config);
  const parsing = { providerKinds: options.providerKinds ?? allProviderKinds, limitsFor };
  const served = followServedVersion<Store, StoreFeed>({
    ...options,
    what: 'stores',
    start: (apiVersion, onChange) =>
      startStoreFeed({ ...options, apiVersion, parse: (manifest) => parseStore(manifest, parsing), onChange }),
  });

  return {
    get: (kind, namespace, name) => served.all().get(storeKey(kind, namespace, name)),

    names(kind, namespace) {
      return [...served.all().values()]
        .filter((store) => store.kind === kind && (kind === 'ClusterSecretStore' || store.namespace === namespace))
        .map(({ name }) => name);
    },

    all: () => served.all(),
    onChange: (listener) => served.onChange(listener),
    synced: served.synced,
    isSynced: () => served.isSynced(),
    lastContactAt: () => served.lastContactAt(),
    stop: () => served.stop(),
  };
}
