import type { WatchOptions } from '../kube/metadata-index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { apiPath } from '../kube/paths.ts';
import { type Reflector, startReflector } from '../kube/reflector.ts';
import { arePodsAllowed } from './parse-store.ts';
import type { Store, StoreKind } from './store.ts';
import { storeKey } from './store-key.ts';

/** All stores of one served version, as two watches bring them. */
export interface StoreFeed {
  readonly apiVersion: string;
  /** By `storeKey`. */
  readonly stores: ReadonlyMap<string, Store>;
  readonly synced: Promise<unknown>;
  lastContactAt(): number;
  stop(): Promise<void>;
}

export interface StoreFeedOptions extends WatchOptions {
  readonly apiVersion: string;
  readonly parse: (manifest: unknown) => Store;
  /** After a store came, changed or went; not when only its status did. */
  readonly onChange: (key: string) => void;
}

/** Where a store kind is served: `secretstores`. */
export const STORE_PLURALS: Readonly<Record<StoreKind, string>> = {
  SecretStore: 'secretstores',
  ClusterSecretStore: 'clustersecretstores',
};

export function startStoreFeed(options: StoreFeedOptions): StoreFeed {
  const { apiVersion, parse, onChange } = options;
  const stores = new Map<string, Store>();
  const reflectors = [watch('SecretStore'), watch('ClusterSecretStore')];

  return {
    apiVersion,
    stores,
    synced: Promise.all(reflectors.map(({ synced }) => synced)),
    lastContactAt: () => Math.min(...reflectors.map((reflector) => reflector.lastContactAt())),
    async stop() {
      await Promise.all(reflectors.map((reflector) => reflector.stop()));
    },
  };

  function watch(kind: StoreKind): Reflector {
    return startReflector({
      ...options,
      path: apiPath({ apiVersion, plural: STORE_PLURALS[kind] }),
      handler: {
        onUpsert(object) {
          const key = storeKey(kind, object.metadata.namespace, object.metadata.name);
          if (isSame(stores.get(key), object)) return;
          // Should the new one not be readable, the old one must not stay.
          stores.delete(key);
          stores.set(key, parse({ ...object, apiVersion, kind }));
          onChange(key);
        },

        onDelete({ namespace, name }) {
          const key = storeKey(kind, namespace, name);
          if (stores.delete(key)) onChange(key);
        },
      },
    });
  }
}

/** The API server counts the generation up with every change of the spec; a new status leaves it as it is. */
function isSame(store: Store | undefined, { metadata }: KubeObject): boolean {
  return (
    store?.uid === metadata.uid &&
    store.generation === metadata.generation &&
    store.podsAllowed === arePodsAllowed(metadata.annotations)
  );
}
