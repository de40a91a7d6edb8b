import { requireStore } from '../planning/check-store.ts';
import type { NamespaceFacts, Store, StoreIndex } from '../stores/store.ts';
import type { StoreReference } from './definition.ts';

export interface FindStoreOptions {
  readonly stores: StoreIndex;
  readonly namespaces: { get(name: string): NamespaceFacts | undefined };
  /** Stores of other controller classes are not ours to read through. */
  readonly controllerClass: string;
}

/** The store that a definition of the namespace names. Throws STORE_NOT_FOUND, STORE_NOT_ALLOWED or STORE_INVALID. */
export type FindStore = (reference: StoreReference, namespace: string) => Store;

export function createFindStore({ stores, namespaces, controllerClass }: FindStoreOptions): FindStore {
  return ({ kind, name }, namespaceName) => {
    // A namespace that the watch has not brought yet has no labels that could open a store.
    const namespace = namespaces.get(namespaceName) ?? { name: namespaceName, labels: {}, annotations: {} };
    return requireStore(kind, name, { namespace, stores, controllerClass, askedBy: 'definition' });
  };
}
