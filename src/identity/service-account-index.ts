import { createMetadataIndex, type Watched, type WatchOptions } from '../kube/metadata-index.ts';
import { SERVICE_ACCOUNTS } from '../kube/paths.ts';
import type { ServiceAccountFacts } from './store-identity.ts';

export interface ServiceAccountLookup {
  get(namespace: string, name: string): ServiceAccountFacts | undefined;
  /** As `get`, but asks the API server for what the watch has not brought: a Pod may come right after its ServiceAccount. */
  find(namespace: string, name: string, signal: AbortSignal): Promise<ServiceAccountFacts | undefined>;
}

/** Every ServiceAccount's uid and annotations. */
export interface ServiceAccountIndex extends ServiceAccountLookup, Watched {}

export function createServiceAccountIndex(options: WatchOptions): ServiceAccountIndex {
  const index = createMetadataIndex<ServiceAccountFacts>({
    ...options,
    resource: SERVICE_ACCOUNTS,
    kind: 'ServiceAccount',
    toFacts: ({ namespace = '', name, uid }, annotations) => ({ namespace, name, uid, annotations }),
  });
  return {
    ...index,

    async find(namespace, name, signal) {
      return index.get(namespace, name) ?? index.fetch(namespace, name, signal);
    },
  };
}
