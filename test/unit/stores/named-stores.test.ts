import { describe, expect, it } from 'vitest';
import { namedStores } from '../../../src/stores/named-stores.ts';

describe('namedStores', () => {
  it('finds every store once, wherever it is named', () => {
    const spec = {
      secretStoreRef: { name: 'main' },
      data: [
        { secretKey: 'a', sourceRef: { storeRef: { kind: 'ClusterSecretStore', name: 'shared' } } },
        { secretKey: 'b' },
      ],
      dataFrom: [
        { extract: { key: 'x' }, sourceRef: { storeRef: { kind: 'SecretStore', name: 'main' } } },
        { sourceRef: { generatorRef: { kind: 'Password', name: 'main' } } },
        { find: {}, sourceRef: { storeRef: { name: 'other' } } },
      ],
    };

    expect(namedStores(spec)).toEqual([
      { kind: 'SecretStore', name: 'main' },
      { kind: 'ClusterSecretStore', name: 'shared' },
      { kind: 'SecretStore', name: 'other' },
    ]);
  });

  it.each([
    undefined,
    null,
    'spec',
    {},
    { secretStoreRef: 7, data: 'x', dataFrom: [null, { sourceRef: { storeRef: {} } }] },
  ])('finds none in what cannot be read: %j', (spec) => {
    expect(namedStores(spec)).toEqual([]);
  });
});
