import { LatchkeyError } from '../errors.ts';

export interface NamespacedStore {
  readonly kind: 'SecretStore' | 'ClusterSecretStore';
  readonly name: string;
  /** Absent for a ClusterSecretStore. */
  readonly namespace?: string;
}

/**
 * Where a name inside a store is looked up. A SecretStore reaches its own namespace only. In a ClusterSecretStore an explicit
 * namespace holds, and a name without one means: of the namespace that asks.
 */
export function selectorNamespace(store: NamespacedStore, named: string | undefined, askerNamespace: string): string {
  if (store.kind === 'ClusterSecretStore') return named ?? askerNamespace;

  const own = store.namespace ?? askerNamespace;
  if (named === undefined || named === own) return own;
  throw new LatchkeyError('STORE_INVALID', `SecretStore "${store.name}" names an object of namespace "${named}"`, {
    hint: `Leave the namespace out, or use a ClusterSecretStore: a SecretStore reads in its own namespace "${own}" only`,
  });
}
