import type { WatchOptions } from '../kube/metadata-index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { apiPath } from '../kube/paths.ts';
import { type Reflector, startReflector } from '../kube/reflector.ts';
import type { VersionedFeed } from './follow-served-version.ts';
import { arePodsAllowed } from './parse-store.ts';
import type { Store, StoreKind } from './store.ts';
import { storeKey } from './store-key.ts';

/** All stores of one served version, as two watches bring them. */
export interface StoreFeed extends VersionedFeed<Store> {
  /** By `storeKey`. */
  readonly objects: ReadonlyMap<string, Store>;
  /** Resolves when each store of the first complete lists has been read. */
  readonly synced: Promise<unknown>;
}

export interface StoreFeedOptions extends WatchOptions {
  readonly apiVersion: string;
  /** May take its time: a store's provider is loaded first. */
  readonly parse: (manifest: unknown) => Promise<Store>;
  /** After a store came, changed or went; not when only its status did. */
  readonly onChange: (key: string) => void;
}

/** Where a store kind is served: `secretstores`. */
export const STORE_PLURALS: Readonly<Record<StoreKind, string>> = {
  SecretStore: 'secretstores',
  ClusterSecretStore: 'clustersecretstores',
};

/**
 * What the watches bring is taken in one after the other, in order: while a store's provider is being loaded, it and all
 * that came after it are as if the watch had not brought them yet.
 */
export function startStoreFeed(options: StoreFeedOptions): StoreFeed {
  const { apiVersion, parse, onChange, log } = options;
  const stores = new Map<string, Store>();
  let taken = Promise.resolve();
  const reflectors = [watch('SecretStore'), watch('ClusterSecretStore')];

  return {
    apiVersion,
    objects: stores,
    synced: Promise.all(reflectors.map(({ synced }) => synced)).then(() => taken),
    lastContactAt: () => Math.min(...reflectors.map((reflector) => reflector.lastContactAt())),
    async stop() {
      await Promise.all(reflectors.map((reflector) => reflector.stop()));
      await taken;
    },
  };

  function watch(kind: StoreKind): Reflector {
    return startReflector({
      ...options,
      path: apiPath({ apiVersion, plural: STORE_PLURALS[kind] }),
      handler: {
        onUpsert: (object) => takeLater(() => upsert(kind, object)),
        onDelete: ({ namespace, name }) => takeLater(() => remove(storeKey(kind, namespace, name))),
      },
    });
  }

  /** One unreadable store must not keep the others out. */
  function takeLater(take: () => Promise<void> | void): void {
    taken = taken.then(take).catch((err: unknown) => log.error({ err, apiVersion }, 'store not taken in'));
  }

  async function upsert(kind: StoreKind, object: KubeObject): Promise<void> {
    const key = storeKey(kind, object.metadata.namespace, object.metadata.name);
    if (isSame(stores.get(key), object)) return;
    const store = await parse({ ...object, apiVersion, kind }).catch((error: unknown) => {
      // The old one must not stay.
      stores.delete(key);
      throw error;
    });
    stores.set(key, store);
    onChange(key);
  }

  function remove(key: string): void {
    if (stores.delete(key)) onChange(key);
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
