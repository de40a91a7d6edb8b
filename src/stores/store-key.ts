import type { StoreKind } from './store.ts';

/** A store's place in maps and queues: kind, namespace (empty for a ClusterSecretStore) and name, none of which holds a slash. */
export function storeKey(kind: StoreKind, namespace: string | undefined, name: string): string {
  return `${kind}/${kind === 'ClusterSecretStore' ? '' : (namespace ?? '')}/${name}`;
}
