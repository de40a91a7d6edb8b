import { describe, expect, it } from 'vitest';
import { Fields } from '../../src/fields.ts';
import type { ProviderLimits } from '../../src/providers/provider.ts';
import { itLogsIn, itMindsEndpoints } from './login-contract.ts';
import { itStandsTheNetwork } from './network-contract.ts';
import type { Feature, ProviderSetup } from './provider-setup.ts';
import { itFinds, itReadsBatches, itReadsBytes, itReadsMetadata, itReadsVersions } from './reading-contract.ts';
import { CALL, failure, openStage, type Suite } from './stage.ts';

const FEATURES = {
  login: itLogsIn,
  endpoints: itMindsEndpoints,
  network: itStandsTheNetwork,
  versions: itReadsVersions,
  metadata: itReadsMetadata,
  binary: itReadsBytes,
  find: itFinds,
  batch: itReadsBatches,
} as const satisfies Record<Feature, (suite: Suite) => void>;

const LIMITS: ProviderLimits = { audiences: ['test'], endpoints: [], maxResponseBytes: 1024 * 1024 };

/** What every provider owes its callers: the tests below, and those of each feature it has. */
export function describeProvider(name: string, setup: ProviderSetup): void {
  const { provider, has, title = name } = setup;

  describe(`provider ${title}`, () => {
    it('is called as its key under spec.provider', () => {
      expect(provider.name).toBe(name);
    });

    it('reads the current version', async () => {
      const { backend, read } = await openStage(setup);

      const fetched = await read({ key: backend.object.key });

      expect(fetched.value.exposeText()).toBe(backend.object.text);
      expect(fetched.version).toBe(backend.object.version);
    });

    it('reports a missing secret as SECRET_NOT_FOUND, by its name', async () => {
      const { backend, read } = await openStage(setup);

      const error = await failure(read({ key: backend.missing }));

      expect(error.code).toBe('SECRET_NOT_FOUND');
      expect(error.line).toContain(backend.missing);
    });

    it('offers just what it says it has', async () => {
      const { connect } = await openStage(setup);

      const client = await connect();

      expect(client.find !== undefined).toBe(has.includes('find'));
      expect(client.batch !== undefined).toBe(has.includes('batch'));
    });

    it('proves that its identity is accepted', async () => {
      const { connect } = await openStage(setup);
      const client = await connect();

      const validation = (async () => client.validate?.(CALL))();

      await expect(validation).resolves.toBeUndefined();
    });

    it('gives back what it held when it is closed, also when it is closed twice', async () => {
      const { backend, connect } = await openStage(setup);
      const client = await connect();
      await client.read({ key: backend.object.key }, CALL);

      await client.close?.();
      await client.close?.();

      await expect(backend.settled()).resolves.toBeUndefined();
    });

    it('names every bad field of its block', () => {
      const { block, paths } = setup.mistakes;
      const fields = Fields.of(block, 'spec.provider');

      provider.configure(fields, LIMITS);

      expect(fields.problems.map(({ path }) => path).sort()).toEqual([...paths].sort());
    });

    it.each([[undefined], ['text'], [[]], [{}], [{ auth: [], server: 7, data: 'x' }]])(
      'reports a block that is %j and throws nothing',
      async (block) => {
        const fields = Fields.of(block, 'spec.provider');

        const store = provider.configure(fields, LIMITS);

        expect(fields.problems).not.toEqual([]);
        expect(store.property).toBeTypeOf('string');
      },
    );

    for (const feature of has) FEATURES[feature]({ setup, stage: () => openStage(setup) });
  });
}
