import { describe, expect, it } from 'vitest';
import type { IdentityNeed, Provider, ProviderLimits } from '../../../src/providers/provider.ts';
import { parseStore } from '../../../src/stores/parse-store.ts';
import type { Store } from '../../../src/stores/store.ts';
import { needs } from '../../support/a-store.ts';

const LIMITS: ProviderLimits = { audiences: ['vault'], endpoints: [], maxResponseBytes: 1000 };
const PAYMENTS = { name: 'payments', labels: {}, annotations: {} };

/** A provider `vault` whose stores need what is given; `server` is its one required field. */
function aProvider(need: IdentityNeed = needs()): Provider {
  return {
    name: 'vault',
    configure(block, limits) {
      expect(limits).toBe(LIMITS);
      block.text('server');
      return { needs: need, property: 'vault', connect: () => Promise.reject(new Error('not here')) };
    },
  };
}

function manifest(spec: unknown, { kind = 'SecretStore', apiVersion = 'external-secrets.io/v1', metadata = {} } = {}) {
  const namespace = kind === 'SecretStore' ? { namespace: 'payments' } : {};
  return { apiVersion, kind, metadata: { name: 'main', ...namespace, uid: 'u1', generation: 3, ...metadata }, spec };
}

async function parse(value: unknown, need?: IdentityNeed): Promise<Store> {
  const providerKinds = [
    { name: 'vault', load: async () => aProvider(need) },
    { name: 'fake', load: () => Promise.reject(new Error('the file is gone')) },
  ];
  return parseStore(value, { providerKinds, limitsFor: () => LIMITS });
}

const VAULT = { provider: { vault: { server: 'https://vault' } } };

describe('parseStore', () => {
  it.each(['external-secrets.io/v1', 'external-secrets.io/v1beta1'])(
    'reads a SecretStore of %s',
    async (apiVersion) => {
      const store = await parse(manifest({ ...VAULT, controller: 'latchkey' }, { apiVersion }));

      expect(store).toMatchObject({
        kind: 'SecretStore',
        name: 'main',
        namespace: 'payments',
        uid: 'u1',
        generation: 3,
        apiVersion,
        controller: 'latchkey',
        provider: 'vault',
        configured: { property: 'vault' },
        problems: [],
        podsAllowed: false,
      });
    },
  );

  it('reads a ClusterSecretStore with its conditions and annotation', async () => {
    const spec = { ...VAULT, conditions: [{ namespaces: ['payments'] }] };
    const metadata = { annotations: { 'latchkey.dev/pods': 'allowed' } };

    const store = await parse(manifest(spec, { kind: 'ClusterSecretStore', metadata }));

    expect(store.namespace).toBeUndefined();
    expect(store.podsAllowed).toBe(true);
    expect(store.allowsNamespace(PAYMENTS)).toBe(true);
    expect(store.allowsNamespace({ ...PAYMENTS, name: 'search' })).toBe(false);
  });

  it('serves the own namespace of a SecretStore only, whatever its conditions', async () => {
    const store = await parse(manifest({ ...VAULT, conditions: [{ namespaces: ['search'] }] }));

    expect(store.allowsNamespace(PAYMENTS)).toBe(true);
    expect(store.allowsNamespace({ ...PAYMENTS, name: 'search' })).toBe(false);
  });

  it('passes over what it does not know, and over settings of External Secrets without meaning here', async () => {
    const spec = { ...VAULT, controller: '', retrySettings: { maxRetries: 5, retryInterval: '10s' }, novelty: [] };

    const store = await parse(manifest(spec));

    expect(store).toMatchObject({ controller: '', problems: [] });
  });

  it.each([
    [300, 300_000],
    ['1h30m', 5_400_000],
    [0, undefined],
    ['300', undefined],
    [-5, undefined],
    ['-5m', undefined],
    [{}, undefined],
  ])('reads the refreshInterval %j as %s ms', async (refreshInterval, expected) => {
    const store = await parse(manifest({ ...VAULT, refreshInterval }));

    expect(store.refreshIntervalMs).toBe(expected);
    expect(store.problems).toEqual([]);
  });

  it.each<[spec: unknown, provider: string, problem: string]>([
    [undefined, '', 'spec: must be a mapping'],
    [{}, '', 'spec.provider: must name a provider: vault, fake'],
    [{ provider: {} }, '', 'spec.provider: must name a provider: vault, fake'],
    [{ provider: { vault: null } }, '', 'spec.provider: must name a provider: vault, fake'],
    [{ provider: { vault: {}, fake: {} } }, '', 'spec.provider: must name one provider, not 2'],
    [
      { provider: { vualt: {} } },
      'vualt',
      'spec.provider.vualt: is none of the providers that Latchkey knows (vault, fake); did you mean vault?',
    ],
    [
      { provider: { onepassword: {} } },
      'onepassword',
      'spec.provider.onepassword: is none of the providers that Latchkey knows (vault, fake)',
    ],
    [{ provider: { vault: {} } }, 'vault', 'spec.provider.vault.server: is required'],
    [{ ...VAULT, controller: 7 }, 'vault', 'spec.controller: must be a string'],
  ])('says what is wrong with %j', async (spec, provider, problem) => {
    const store = await parse(manifest(spec));

    expect(store.provider).toBe(provider);
    expect(store.problems).toContain(problem);
    expect(store.configured).toBeUndefined();
  });

  it('keeps a store whose provider cannot be loaded, so that it does not look absent', async () => {
    const store = await parse(manifest({ provider: { fake: {} } }));

    expect(store.provider).toBe('fake');
    expect(store.problems).toEqual([
      'spec.provider.fake: is known to Latchkey, but its code could not be loaded; restart Latchkey',
    ]);
  });

  it('says everything at once', async () => {
    const spec = { controller: 7, conditions: [{ namespaceRegexes: ['('] }], provider: { vault: {} } };

    const store = await parse(manifest(spec, { kind: 'ClusterSecretStore' }));

    expect(store.problems.map((problem) => problem.split(':')[0])).toEqual([
      'spec.controller',
      'spec.conditions[0].namespaceRegexes[0]',
      'spec.provider.vault.server',
    ]);
  });

  const credential = { kind: 'Secret', namespace: 'search', name: 'token', key: 'token' } as const;
  const bundle = { ...credential, kind: 'ConfigMap', name: 'ca' } as const;
  it.each<[IdentityNeed, string]>([
    [
      needs({ who: 'serviceAccount', serviceAccount: { name: 'reader', namespace: 'search' } }),
      'the namespace of ServiceAccount "reader"',
    ],
    [needs({ who: 'credentials', credentials: [credential] }), 'the namespace of Secret "token"'],
    [needs({ caBundles: [bundle] }), 'the namespace of ConfigMap "ca"'],
  ])('keeps a SecretStore in its own namespace: %j', async (need, what) => {
    const store = await parse(manifest(VAULT), need);

    expect(store.problems).toEqual([`spec.provider.vault: ${what} must be left out, or be the SecretStore's own`]);
    expect((await parse(manifest(VAULT, { metadata: { namespace: 'search' } }), need)).problems).toEqual([]);
    expect((await parse(manifest(VAULT, { kind: 'ClusterSecretStore' }), need)).problems).toEqual([]);
  });

  it('lets no Pod choose the CA that a ClusterSecretStore trusts', async () => {
    const need = needs({ caBundles: [{ kind: 'ConfigMap', name: 'ca', key: 'ca.crt' }] });

    const store = await parse(manifest(VAULT, { kind: 'ClusterSecretStore' }), need);

    expect(store.problems).toEqual([
      'spec.provider.vault: the CA bundle in ConfigMap "ca" needs a namespace in a ClusterSecretStore',
    ]);
  });

  it('reads a file, which has neither uid nor generation nor always a namespace', async () => {
    const store = await parse({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 'main' },
      spec: VAULT,
    });

    expect(store).toMatchObject({ namespace: 'default', uid: 'SecretStore/default/main', generation: 0, problems: [] });
  });

  const NO_STORE = 'the manifest is no SecretStore or ClusterSecretStore with a name';
  it.each<[what: string, value: unknown, message: string]>([
    ['nothing', undefined, NO_STORE],
    ['another kind', manifest(VAULT, { kind: 'ExternalSecret' }), NO_STORE],
    ['a store without a name', manifest(VAULT, { metadata: { name: undefined } }), NO_STORE],
    [
      'an old apiVersion',
      manifest(VAULT, { apiVersion: 'external-secrets.io/v1alpha1' }),
      'SecretStore "main" has an apiVersion that Latchkey does not read',
    ],
  ])('refuses %s', async (_, value, message) => {
    await expect(parse(value)).rejects.toThrow(message);
  });
});
