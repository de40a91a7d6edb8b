import { fake } from '../../src/providers/fake/index.ts';
import { LEAK_MARKER, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup } from './provider-setup.ts';

const TEXT = `{"password":"${LEAK_MARKER}", "count":12345678901234567890, "html":"<&>"}`;
const OLDER = `old-${LEAK_MARKER}`;

export const fakeSetup: ProviderSetup = {
  provider: fake,
  has: ['versions', 'find'],
  mistakes: {
    block: { data: [{ key: 7 }, { value: 'x', version: 3 }], validationResult: 'fine' },
    paths: [
      'spec.provider.data[0].key',
      'spec.provider.data[0].value',
      'spec.provider.data[1].key',
      'spec.provider.data[1].version',
      'spec.provider.validationResult',
    ],
  },

  async start() {
    return {
      block: {
        data: [
          { key: 'prod/db', value: TEXT },
          { key: 'prod/db', value: OLDER, version: 'v1' },
          { key: 'prod/cache', value: LEAK_MARKER },
          { key: 'test/cache', value: LEAK_MARKER },
        ],
      },
      limits: { audiences: [], endpoints: [], maxResponseBytes: 64 * 1024 },
      identity: testIdentity(),
      object: { key: 'prod/db', text: TEXT },
      missing: 'prod/nothing',
      older: { key: 'prod/db', version: 'v1', text: OLDER },
      find: { query: { name: { regexp: '^prod/c' } }, keys: ['prod/cache'] },
      settled: async () => {},
      close: async () => {},
    };
  },
};
