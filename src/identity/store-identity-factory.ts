import { createHash } from 'node:crypto';
import { LatchkeyError } from '../errors.ts';
import { type NamespacedStore, selectorNamespace } from './selector-namespace.ts';
import type { ServiceAccountLookup } from './service-account-index.ts';
import type { StoreCredentials } from './store-credentials.ts';
import type { SecretKeySelector, ServiceAccountFacts, StoreIdentity } from './store-identity.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** What of a store decides as whom it is read; a Store is one. */
export interface IdentifiedStore extends NamespacedStore {
  readonly uid: string;
  readonly provider: string;
  readonly configured?: { readonly needs: IdentityWish };
}

/** The part of a provider's IdentityNeed that is settled here. */
interface IdentityWish {
  readonly who: 'pod' | 'serviceAccount' | 'credentials' | 'none';
  readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
  readonly audiences: readonly string[];
  readonly credentials: readonly SecretKeySelector[];
  readonly caBundles: readonly SecretKeySelector[];
  check?(serviceAccount: ServiceAccountFacts): LatchkeyError | undefined;
}

/**
 * For whom something is resolved: a Pod's namespace and ServiceAccount, as the review and our index have them. An
 * ExternalSecret that is synced has the namespace alone, and reads no store that needs a Pod's identity.
 */
export interface Asker {
  readonly namespace: string;
  readonly serviceAccount?: ServiceAccountFacts;
}

/** Throws STORE_INVALID, SERVICE_ACCOUNT_NOT_FOUND, or what the provider's own check says of the ServiceAccount. No I/O. */
export type IdentityFactory = (store: IdentifiedStore, asker: Asker) => StoreIdentity;

export interface IdentityFactoryOptions {
  readonly tokens: TokenIssuer;
  readonly credentials: StoreCredentials;
  readonly serviceAccounts: Pick<ServiceAccountLookup, 'get'>;
}

/** Settles as whom a store is read for one asker. The only place where that is decided. */
export function createIdentityFactory({
  tokens,
  credentials,
  serviceAccounts,
}: IdentityFactoryOptions): IdentityFactory {
  return (store, asker) => {
    const needs = store.configured?.needs;
    if (needs === undefined)
      throw new LatchkeyError('STORE_INVALID', `${titleOf(store)} has mistakes`, { hint: 'Correct the store' });

    const serviceAccount = findServiceAccount(store, needs, asker, serviceAccounts);
    const missing = serviceAccount === undefined ? undefined : needs.check?.(serviceAccount);
    if (missing !== undefined) throw missing;

    return {
      key: identityKey(store, needs, asker, serviceAccount),
      ...(serviceAccount !== undefined && { serviceAccount }),

      async token(audience, call) {
        if (serviceAccount === undefined) throw undeclared(store, 'a token');
        return tokens.issue({ serviceAccount, provider: store.provider, audience }, call);
      },

      async credential(selector, call) {
        return credentials.read({ ...selector, namespace: place(selector, store, needs, asker) }, call);
      },
    };
  };
}

function findServiceAccount(
  store: IdentifiedStore,
  needs: IdentityWish,
  asker: Asker,
  index: Pick<ServiceAccountLookup, 'get'>,
): ServiceAccountFacts | undefined {
  if (needs.who === 'pod') {
    if (asker.serviceAccount === undefined) throw identityLess(store);
    return asker.serviceAccount;
  }
  if (needs.who !== 'serviceAccount' || needs.serviceAccount === undefined) return undefined;

  const { name } = needs.serviceAccount;
  const namespace = selectorNamespace(store, needs.serviceAccount.namespace, asker.namespace);
  const found = index.get(namespace, name);
  if (found !== undefined) return found;
  throw new LatchkeyError(
    'SERVICE_ACCOUNT_NOT_FOUND',
    `ServiceAccount ${namespace}/${name}, which ${titleOf(store)} names, does not exist`,
    {
      hint: 'Create it, or correct the store',
    },
  );
}

/**
 * Two askers with equal keys are one identity, and nothing else is: what was fetched for a ServiceAccount that was deleted and
 * made again (another uid), or whose role annotation changed, is not served to its successor.
 */
function identityKey(
  store: IdentifiedStore,
  needs: IdentityWish,
  asker: Asker,
  serviceAccount: ServiceAccountFacts | undefined,
): string {
  const account =
    serviceAccount === undefined
      ? null
      : [serviceAccount.namespace, serviceAccount.name, serviceAccount.uid, digest(serviceAccount.annotations)];
  // Names without a namespace mean other objects for other askers.
  const places = needs.credentials.map((selector) => selectorNamespace(store, selector.namespace, asker.namespace));
  return JSON.stringify([needs.who, store.uid, account, ...new Set(places)]);
}

function digest(annotations: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(annotations).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}

/** Only what the store declared is read: on that declaration rests which stores are open to Pods. */
function place(selector: SecretKeySelector, store: IdentifiedStore, needs: IdentityWish, asker: Asker): string {
  if (needs.credentials.some((declared) => isSame(declared, selector))) {
    return selectorNamespace(store, selector.namespace, asker.namespace);
  }
  if (!needs.caBundles.some((declared) => isSame(declared, selector))) throw undeclared(store, 'a credential');
  // Whoever asks must not choose whom the store trusts.
  if (store.kind === 'ClusterSecretStore' && selector.namespace === undefined) {
    throw new LatchkeyError('STORE_INVALID', `the CA bundle of ${titleOf(store)} names no namespace`, {
      hint: 'Add caProvider.namespace to the store',
    });
  }
  return selectorNamespace(store, selector.namespace, asker.namespace);
}

function isSame(left: SecretKeySelector, right: SecretKeySelector): boolean {
  return (
    left.kind === right.kind && left.namespace === right.namespace && left.name === right.name && left.key === right.key
  );
}

function identityLess(store: IdentifiedStore): LatchkeyError {
  return new LatchkeyError(
    'STORE_INVALID',
    `${titleOf(store)} names no identity, so it is read by each Pod as itself`,
    {
      hint: 'Name a ServiceAccount or credentials in its auth, where one Secret for all Pods is wanted',
    },
  );
}

function undeclared(store: IdentifiedStore, what: string): LatchkeyError {
  return new LatchkeyError(
    'INTERNAL',
    `provider ${store.provider} asked for ${what} that ${titleOf(store)} does not name`,
    {
      hint: 'Report this to the authors of Latchkey',
    },
  );
}

function titleOf(store: NamespacedStore): string {
  return `${store.kind} "${store.name}"`;
}
