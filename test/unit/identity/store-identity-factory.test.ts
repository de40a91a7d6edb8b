import { describe, expect, it, vi } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import type { ServiceAccountLookup } from '../../../src/identity/service-account-index.ts';
import type { StoreCredentials } from '../../../src/identity/store-credentials.ts';
import { createIdentityFactory, type IdentityFactory } from '../../../src/identity/store-identity-factory.ts';
import type { SecretKeySelector, ServiceAccountFacts } from '../../../src/identity/store-identity.ts';
import type { TokenIssuer } from '../../../src/identity/token-issuer.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import type { Store } from '../../../src/stores/store.ts';
import { anAsker, aServiceAccount, aStore, needs, type StoreSettings } from '../../support/a-store.ts';

const CALL = { signal: new AbortController().signal };
const TOKEN = SecretValue.fromText('token');
const CREDENTIAL = SecretValue.fromText('credential');
const SELECTOR: SecretKeySelector = { kind: 'Secret', name: 'keys', key: 'token' };
const READER = aServiceAccount({ namespace: 'platform', name: 'reader', uid: 'uid-reader' });

interface Scene {
  readonly identityOf: IdentityFactory;
  readonly issue: ReturnType<typeof vi.fn<TokenIssuer['issue']>>;
  readonly read: ReturnType<typeof vi.fn<StoreCredentials['read']>>;
}

function startScene(accounts: readonly ServiceAccountFacts[] = [READER]): Scene {
  const issue = vi.fn<TokenIssuer['issue']>(async () => TOKEN);
  const read = vi.fn<StoreCredentials['read']>(async () => CREDENTIAL);
  const serviceAccounts: Pick<ServiceAccountLookup, 'get'> = {
    get: (namespace, name) => accounts.find((account) => account.namespace === namespace && account.name === name),
  };
  return {
    identityOf: createIdentityFactory({ tokens: { issue }, credentials: { read }, serviceAccounts }),
    issue,
    read,
  };
}

function clusterStore(settings: StoreSettings = {}): Store {
  return aStore({ kind: 'ClusterSecretStore', ...settings });
}

describe('as whom a store is read', () => {
  it('is nobody where the manifest could not be read', () => {
    const { identityOf } = startScene();
    const { configured: _, ...broken } = aStore();

    expect(() => identityOf(broken, anAsker())).toThrow(expect.objectContaining({ code: 'STORE_INVALID' }));
  });

  it('takes the ServiceAccount of the asker where the store names nobody', async () => {
    const { identityOf, issue } = startScene();

    const identity = identityOf(aStore({ provider: 'vault' }), anAsker());
    const token = await identity.token('vault', CALL);

    expect(identity.serviceAccount).toEqual(aServiceAccount());
    expect(token).toBe(TOKEN);
    expect(issue).toHaveBeenCalledWith(
      { serviceAccount: aServiceAccount(), provider: 'vault', audience: 'vault' },
      CALL,
    );
  });

  it.each([
    [
      'the namespace that a ClusterSecretStore names',
      clusterStore,
      { name: 'reader', namespace: 'platform' },
      'platform',
    ],
    ["the asker's namespace where a ClusterSecretStore names none", clusterStore, { name: 'reader' }, 'payments'],
    ["a SecretStore's own namespace", aStore, { name: 'reader' }, 'payments'],
  ] as const)('takes the named ServiceAccount of %s', (_, storeWith, serviceAccount, namespace) => {
    const { identityOf } = startScene([READER, aServiceAccount({ name: 'reader', uid: 'uid-own' })]);

    const identity = identityOf(storeWith({ needs: needs({ who: 'serviceAccount', serviceAccount }) }), anAsker());

    expect(identity.serviceAccount).toMatchObject({ namespace, name: 'reader' });
  });

  it('says that a named ServiceAccount does not exist', () => {
    const { identityOf } = startScene([]);
    const store = clusterStore({
      name: 'shared',
      needs: needs({ who: 'serviceAccount', serviceAccount: { name: 'reader' } }),
    });

    expect(() => identityOf(store, anAsker())).toThrow(
      expect.objectContaining({
        code: 'SERVICE_ACCOUNT_NOT_FOUND',
        message: 'ServiceAccount payments/reader, which ClusterSecretStore "shared" names, does not exist',
      }),
    );
  });

  it('says what the ServiceAccount lacks for the provider', () => {
    const { identityOf } = startScene();
    const missing = new LatchkeyError('IDENTITY_REJECTED', 'no role');
    const store = aStore({ needs: needs({ check: () => missing }) });

    expect(() => identityOf(store, anAsker())).toThrow(missing);
  });

  it.each(['credentials', 'none'] as const)('gives no token to a store that is read with %s', async (who) => {
    const { identityOf, issue } = startScene();

    const identity = identityOf(aStore({ needs: needs({ who }) }), anAsker());

    await expect(identity.token('vault', CALL)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(identity.serviceAccount).toBeUndefined();
    expect(issue).not.toHaveBeenCalled();
  });
});

describe('credentials that a store names', () => {
  it.each([
    ['of a SecretStore in its own namespace', aStore, SELECTOR, 'payments'],
    ['of a SecretStore that names its own namespace', aStore, { ...SELECTOR, namespace: 'payments' }, 'payments'],
    [
      'of a ClusterSecretStore in the namespace it names',
      clusterStore,
      { ...SELECTOR, namespace: 'platform' },
      'platform',
    ],
    ["of a ClusterSecretStore that names none in the asker's", clusterStore, SELECTOR, 'payments'],
  ] as const)('are read %s', async (_, storeWith, selector, namespace) => {
    const { identityOf, read } = startScene();
    const identity = identityOf(
      storeWith({ needs: needs({ who: 'credentials', credentials: [selector] }) }),
      anAsker(),
    );

    const value = await identity.credential(selector, CALL);

    expect(value).toBe(CREDENTIAL);
    expect(read).toHaveBeenCalledWith({ ...SELECTOR, namespace }, CALL);
  });

  it('are refused to a SecretStore in another namespace', () => {
    const { identityOf } = startScene();
    const store = aStore({
      needs: needs({ who: 'credentials', credentials: [{ ...SELECTOR, namespace: 'platform' }] }),
    });

    expect(() => identityOf(store, anAsker())).toThrow(expect.objectContaining({ code: 'STORE_INVALID' }));
  });

  it('are read only where the store declared them', async () => {
    const { identityOf, read } = startScene();
    const identity = identityOf(clusterStore({ needs: needs({ credentials: [SELECTOR] }) }), anAsker());

    const undeclared = identity.credential({ ...SELECTOR, namespace: 'kube-system' }, CALL);

    await expect(undeclared).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(read).not.toHaveBeenCalled();
  });

  it('are read for a CA bundle in the namespace that it names', async () => {
    const { identityOf, read } = startScene();
    const bundle: SecretKeySelector = { kind: 'ConfigMap', namespace: 'platform', name: 'ca', key: 'ca.crt' };
    const identity = identityOf(clusterStore({ needs: needs({ caBundles: [bundle] }) }), anAsker());

    await identity.credential(bundle, CALL);

    expect(read).toHaveBeenCalledWith(bundle, CALL);
  });

  it("let no asker choose a ClusterSecretStore's CA bundle", async () => {
    const { identityOf, read } = startScene();
    const bundle: SecretKeySelector = { kind: 'ConfigMap', name: 'ca', key: 'ca.crt' };
    const identity = identityOf(clusterStore({ needs: needs({ caBundles: [bundle] }) }), anAsker());

    await expect(identity.credential(bundle, CALL)).rejects.toMatchObject({ code: 'STORE_INVALID' });
    expect(read).not.toHaveBeenCalled();
  });
});

describe('the key of an identity', () => {
  it('is the same for two Pods of one ServiceAccount', () => {
    const { identityOf } = startScene();

    expect(identityOf(aStore(), anAsker()).key).toBe(identityOf(aStore(), anAsker()).key);
  });

  it.each([
    ['name', { name: 'web' }],
    ['namespace', { namespace: 'billing' }],
    ['incarnation', { uid: 'uid-2' }],
    ['role', { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/other' } }],
  ])('differs for a ServiceAccount of another %s', (_, facts) => {
    const { identityOf } = startScene();
    const store = clusterStore();

    expect(identityOf(store, anAsker(facts)).key).not.toBe(identityOf(store, anAsker()).key);
  });

  it('does not depend on the order of annotations', () => {
    const { identityOf } = startScene();

    const keys = [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ].map((annotations) => identityOf(aStore(), anAsker({ annotations })).key);

    expect(keys[0]).toBe(keys[1]);
  });

  it.each([
    ['shares what is read with credentials of one namespace', { ...SELECTOR, namespace: 'platform' }, true],
    ["keeps apart what is read with credentials of the asker's namespace", SELECTOR, false],
  ])('%s', (_, selector, isShared) => {
    const { identityOf } = startScene();
    const store = clusterStore({ needs: needs({ who: 'credentials', credentials: [selector] }) });

    const keys = [identityOf(store, anAsker()).key, identityOf(store, anAsker({ namespace: 'billing' })).key];

    expect(keys[0] === keys[1]).toBe(isShared);
  });

  it('keeps two stores with credentials apart', () => {
    const { identityOf } = startScene();
    const need = needs({ who: 'credentials', credentials: [SELECTOR] });

    const keys = ['uid-a', 'uid-b'].map((uid) => identityOf(aStore({ uid, needs: need }), anAsker()).key);

    expect(keys[0]).not.toBe(keys[1]);
  });
});
