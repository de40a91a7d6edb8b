import { describe, expect, it } from 'vitest';
import { findReading, readerTitle, storeTitle } from '../../../src/commands/find-reading.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { IdentityNeed } from '../../../src/providers/provider.ts';
import { aServiceAccount, aStore, needs, type StoreSettings } from '../../support/a-store.ts';

const ASKER = { title: 'Pod payments/api', namespace: 'payments', serviceAccount: 'api' };

function find(need: Partial<IdentityNeed>, settings: StoreSettings = {}, known = [aServiceAccount()]) {
  const store = aStore({ ...settings, needs: needs(need) });
  return findReading({ kind: store.kind, name: store.name }, ASKER, {
    stores: { get: () => store, names: () => [] },
    serviceAccounts: {
      get: (namespace, name) => known.find((one) => one.namespace === namespace && one.name === name),
    },
  });
}

function secret(namespace?: string) {
  return { kind: 'Secret', name: 'credentials', key: 'token', ...(namespace !== undefined && { namespace }) } as const;
}

const CLUSTER = { kind: 'ClusterSecretStore', name: 'shared' } as const;

describe('findReading', () => {
  it.each([
    ["the Pod's own ServiceAccount", { who: 'pod' }, {}, 'ServiceAccount payments/api'],
    [
      "a ServiceAccount that the store names, in the store's namespace",
      { who: 'serviceAccount', serviceAccount: { name: 'reader' } },
      {},
      'ServiceAccount payments/reader',
    ],
    [
      'a ServiceAccount of another namespace',
      { who: 'serviceAccount', serviceAccount: { name: 'reader', namespace: 'vault' } },
      CLUSTER,
      'ServiceAccount vault/reader',
    ],
    ['credentials', { who: 'credentials', credentials: [secret()] }, {}, 'SecretStore payments/aws-prod'],
    [
      'credentials of one place',
      { who: 'credentials', credentials: [secret('vault')] },
      CLUSTER,
      'ClusterSecretStore shared',
    ],
    [
      'credentials that lie where who asks is',
      { who: 'credentials', credentials: [secret()] },
      CLUSTER,
      'ClusterSecretStore shared with credentials of namespace payments',
    ],
    ['nobody', { who: 'none' }, CLUSTER, 'ClusterSecretStore shared'],
  ] as const)('finds %s', (_, need, settings, title) => {
    const { reader, store } = find(need, settings);

    expect(readerTitle(reader)).toBe(title);
    expect(storeTitle(store)).toBe(
      store.kind === 'SecretStore' ? 'SecretStore payments/aws-prod' : 'ClusterSecretStore shared',
    );
  });

  it('knows the annotations of the ServiceAccount', () => {
    const annotations = { role: 'payments' };

    expect(find({ who: 'pod' }, {}, [aServiceAccount({ annotations })]).serviceAccount).toMatchObject({ annotations });
  });

  it('assumes a ServiceAccount that no file has, and says what is missing on it', () => {
    const need: Partial<IdentityNeed> = {
      who: 'serviceAccount',
      serviceAccount: { name: 'reader' },
      check: ({ annotations }) =>
        annotations['role'] === undefined ? new LatchkeyError('IDENTITY_REJECTED', 'it has no role') : undefined,
    };

    expect(() => find(need)).toThrow(
      expect.objectContaining({ line: 'store "aws-prod": it has no role. [IDENTITY_REJECTED]' }),
    );
    expect(find(need, {}, [aServiceAccount({ name: 'reader', annotations: { role: 'r' } })]).reader.name).toBe(
      'reader',
    );
  });
});
