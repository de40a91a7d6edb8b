import type { Asker } from '../../src/identity/store-identity-factory.ts';
import type { ConfiguredStore, IdentityNeed, ServiceAccountFacts } from '../../src/providers/provider.ts';
import type { Reference } from '../../src/references/reference.ts';
import type { Store, StoreKind } from '../../src/stores/store.ts';

export interface StoreSettings {
  readonly kind?: StoreKind;
  readonly name?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly provider?: string;
  readonly podsAllowed?: boolean;
  readonly needs?: IdentityNeed;
  readonly configured?: Partial<ConfiguredStore>;
}

/** A SecretStore `aws-prod` in namespace `payments`, read as the Pod, unless told. */
export function aStore(settings: StoreSettings = {}): Store {
  const { kind = 'SecretStore', name = 'aws-prod', configured = {} } = settings;
  return {
    kind,
    name,
    ...(kind === 'SecretStore' && { namespace: 'payments' }),
    uid: settings.uid ?? `${kind}-${name}`,
    generation: settings.generation ?? 1,
    apiVersion: 'external-secrets.io/v1',
    controller: '',
    provider: settings.provider ?? 'aws',
    configured: {
      needs: settings.needs ?? needs(),
      property: 'literal-first',
      connect: () => Promise.reject(new Error('this store is not for reading')),
      ...configured,
    },
    problems: [],
    podsAllowed: settings.podsAllowed ?? false,
    allowsNamespace: () => true,
  };
}

export function needs(need: Partial<IdentityNeed> = {}): IdentityNeed {
  return { who: 'pod', audiences: [], credentials: [], caBundles: [], ...need };
}

/** ServiceAccount `payments/api`, unless told. */
export function aServiceAccount(facts: Partial<ServiceAccountFacts> = {}): ServiceAccountFacts {
  return { namespace: 'payments', name: 'api', uid: 'uid-1', annotations: {}, ...facts };
}

export function anAsker(facts: Partial<ServiceAccountFacts> = {}): Asker {
  const serviceAccount = aServiceAccount(facts);
  return { namespace: serviceAccount.namespace, serviceAccount };
}

export function aReference(key: string, settings: Partial<Reference> = {}): Reference {
  return { store: { kind: 'SecretStore', name: 'aws-prod' }, key, decode: 'none', optional: false, ...settings };
}
