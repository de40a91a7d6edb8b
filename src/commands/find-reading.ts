import { LatchkeyError } from '../errors.ts';
import { selectorNamespace } from '../identity/selector-namespace.ts';
import type { ConfiguredStore, ServiceAccountFacts } from '../providers/provider.ts';
import type { StoreName } from '../references/reference.ts';
import type { Store, StoreIndex } from '../stores/store.ts';
import type { Offline } from './offline.ts';

/** Who reads: a ServiceAccount, or a store by an identity of its own. */
export interface Reader {
  readonly kind: 'ServiceAccount' | 'SecretStore' | 'ClusterSecretStore';
  /** Of a ClusterSecretStore: where its credentials lie, if that follows from who asks. */
  readonly namespace?: string;
  readonly name: string;
}

/** For whom something is read. */
export interface Asker {
  /** `Deployment payments/api` */
  readonly title: string;
  readonly namespace: string;
  /** Of the Pod; absent for what is read for everybody. */
  readonly serviceAccount?: string;
}

/** Through which store somebody reads, and as whom. */
export interface FoundReading {
  readonly reader: Reader;
  readonly serviceAccount?: ServiceAccountFacts;
  readonly store: Store;
  readonly configured: ConfiguredStore;
}

/**
 * Who reads through a store that was checked before. Throws what is missing on the ServiceAccount that the store names; one
 * that no file has is assumed, without annotations, as the Pods' own are.
 */
export function findReading(
  name: StoreName,
  asker: Asker,
  { stores, serviceAccounts }: Pick<Offline, 'serviceAccounts'> & { readonly stores: StoreIndex },
): FoundReading {
  const { namespace } = asker;
  const store = name.kind === 'default' ? undefined : stores.get(name.kind, namespace, name.name);
  const configured = store?.configured;
  if (store === undefined || configured === undefined) throw new LatchkeyError('INTERNAL', 'a plan without its store');

  const { needs } = configured;
  const account = accountOf(store, needs, asker);
  if (account !== undefined) {
    const serviceAccount = serviceAccounts.get(account.namespace, account.name) ?? {
      ...account,
      uid: '',
      annotations: {},
    };
    const missing = needs.check?.(serviceAccount);
    if (missing !== undefined) throw missing.at(`store "${store.name}"`);
    return { store, configured, serviceAccount, reader: { kind: 'ServiceAccount', ...account } };
  }
  const isNearAsker = needs.credentials.some((selector) => selector.namespace === undefined);
  const place = store.namespace ?? (isNearAsker ? namespace : undefined);
  const reader = { kind: store.kind, ...(place !== undefined && { namespace: place }), name: store.name };
  return { store, configured, reader };
}

/** Undefined where the store is read with credentials, or with nothing. */
function accountOf(
  store: Store,
  { who, serviceAccount }: ConfiguredStore['needs'],
  asker: Asker,
): Pick<ServiceAccountFacts, 'namespace' | 'name'> | undefined {
  const { namespace } = asker;
  if (who === 'pod') {
    if (asker.serviceAccount === undefined) throw new LatchkeyError('INTERNAL', 'a store that nobody but a Pod reads');
    return { namespace, name: asker.serviceAccount };
  }
  if (who !== 'serviceAccount' || serviceAccount === undefined) return undefined;
  return { namespace: selectorNamespace(store, serviceAccount.namespace, namespace), name: serviceAccount.name };
}

export function readerTitle({ kind, namespace, name }: Reader): string {
  if (kind !== 'ClusterSecretStore') return `${kind} ${namespace}/${name}`;
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} with credentials of namespace ${namespace}`;
}

export function storeTitle({ kind, namespace, name }: Pick<Store, 'kind' | 'namespace' | 'name'>): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
