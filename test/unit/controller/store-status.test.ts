import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { createStoreStatus } from '../../../src/controller/store-status.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { KubeRequest } from '../../../src/kube/client.ts';
import type { KubeEvent } from '../../../src/kube/events.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import { createStoreIndex } from '../../../src/stores/store-index.ts';
import { needs } from '../../support/a-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testIdentity } from '../../support/test-identity.ts';

const PATH = '/apis/external-secrets.io/v1/namespaces/payments/secretstores/main';
const MERGE = 'application/merge-patch+json';
const VALID = { type: 'Ready', status: 'True', reason: 'Valid', message: 'store validated' };

function aManifest(spec: object = {}, status?: object) {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'main', namespace: 'payments' },
    spec: { controller: 'latchkey', provider: { test: {} }, ...spec },
    ...(status && { status }),
  };
}

interface World {
  failure: LatchkeyError | undefined;
  logins: number;
  /** Run once each. */
  beforeLogin?: (() => Promise<void>) | undefined;
  beforeWrite?: (() => Promise<void>) | undefined;
}

async function takeHook(world: World, name: 'beforeLogin' | 'beforeWrite'): Promise<void> {
  const hook = world[name];
  world[name] = undefined;
  await hook?.();
}

/** A leader over a cluster with one provider `test`, which fails as long as `failure` is set. */
async function lead(
  manifests: readonly unknown[],
  { config = '', failure }: { config?: string; failure?: LatchkeyError } = {},
) {
  const world: World = { failure, logins: 0 };
  const test: Provider = {
    name: 'test',
    configure: (block) => ({
      needs: needs({ who: block.has('asPod') ? 'pod' : 'none' }),
      property: 'path',
      async connect() {
        world.logins += 1;
        const error = world.failure;
        await takeHook(world, 'beforeLogin');
        if (error !== undefined) throw error;
        return { read: () => Promise.reject(new Error('nothing is read')) };
      },
    }),
  };
  const writes: KubeRequest[] = [];
  const client = createMemoryCluster(manifests, {
    async onRequest(request) {
      if (request.method !== 'PATCH') return;
      writes.push(request);
      if (request.query?.['fieldManager'] !== undefined) await takeHook(world, 'beforeWrite');
    },
  });
  const events: KubeEvent[] = [];
  const options = { client, config: parseConfig(config), log: pino({ level: 'silent' }), clock: createFakeClock() };
  const providerKinds = [{ name: test.name, load: async () => test }];
  const stores = createStoreIndex({ ...options, providerKinds, random: () => 0.5 });
  const storeStatus = createStoreStatus({
    ...options,
    stores,
    identityOf: () => testIdentity(),
    events: { event: (event) => void events.push(event), flush: async () => {} },
    random: () => 0.5,
  });
  const stopping = new AbortController();
  const running = storeStatus.run(stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await running;
    await stores.stop();
  });
  await options.clock.advance(0);
  async function change(spec: object): Promise<void> {
    await client.request({ method: 'PATCH', path: PATH, contentType: MERGE, body: { spec } });
  }
  function status(): unknown {
    return client.find('external-secrets.io/v1', 'SecretStore', 'payments', 'main')?.['status'];
  }
  return { client, clock: options.clock, events, writes, world, status, change, stopping, running, storeStatus };
}

const DOWN = new LatchkeyError('PROVIDER_UNAVAILABLE', 'the provider is down');
const REFUSED = new LatchkeyError('IDENTITY_REJECTED', 'the login is refused');

describe('createStoreStatus', () => {
  it('says of a store that it is ready', async () => {
    const { status, events, writes } = await lead([aManifest()]);

    expect(status()).toEqual({
      capabilities: 'ReadOnly',
      conditions: [{ ...VALID, lastTransitionTime: '2026-11-22T05:00:00Z' }],
    });
    expect(events).toMatchObject([
      {
        regarding: { kind: 'SecretStore', namespace: 'payments', name: 'main' },
        type: 'Normal',
        reason: 'Valid',
        action: 'Validate',
        message: 'store validated',
      },
    ]);
    expect(writes).toMatchObject([{ path: `${PATH}/status` }]);
  });

  it('says what is wrong with one, in the condition and in an Event', async () => {
    const { status, events, world } = await lead([aManifest({ provider: { tset: {} } })]);

    const message =
      'the store has mistakes: spec.provider.tset: is none of the providers that Latchkey knows (test); did you mean test?';
    expect(status()).toMatchObject({ conditions: [{ status: 'False', reason: 'InvalidProviderConfig', message }] });
    expect(events).toMatchObject([{ type: 'Warning', reason: 'InvalidProviderConfig', message }]);
    expect(world.logins).toBe(0);
  });

  it('calls one without an identity ready and not validated', async () => {
    const { status, world } = await lead([aManifest({ provider: { test: { asPod: true } } })]);

    expect(status()).toMatchObject({ conditions: [{ status: 'True', reason: 'ValidationUnknown' }] });
    expect(world.logins).toBe(0);
  });

  it('writes ClusterSecretStores too', async () => {
    const manifest = { ...aManifest(), kind: 'ClusterSecretStore', metadata: { name: 'shared' } };

    const { client } = await lead([manifest]);

    const stored = client.find('external-secrets.io/v1', 'ClusterSecretStore', undefined, 'shared');
    expect(stored).toMatchObject({ status: { conditions: [VALID] } });
  });

  it.each<[whose: string, isWritten: boolean, controller: string, config: string]>([
    ['of another class', false, 'other', ''],
    ['of our own class', true, 'mine', 'stores: {controllerClass: mine}'],
    ['without a class', false, '', ''],
    ['without a class, which we claim', true, '', 'stores: {claimUnclassed: true}'],
    ['of another class, whatever we claim', false, 'other', 'stores: {claimUnclassed: true}'],
  ])('knows of a store %s whether to write its status: %s', async (_, isWritten, controller, config) => {
    const { writes, world } = await lead([aManifest({ controller })], { config });

    expect(writes).toHaveLength(isWritten ? 1 : 0);
    expect(world.logins).toBe(isWritten ? 1 : 0);
  });

  it('writes nothing that stands there already', async () => {
    const status = { capabilities: 'ReadOnly', conditions: [{ ...VALID, lastTransitionTime: '2026-01-01T00:00:00Z' }] };

    const { writes, events, world } = await lead([aManifest({}, status)]);

    expect(world.logins).toBe(1);
    expect(writes).toEqual([]);
    expect(events).toEqual([]);
  });

  it('validates again after a while, and when the store changes', async () => {
    const { clock, world, change } = await lead([aManifest()], { config: 'stores: {revalidateEvery: 5m}' });

    await clock.advance(299_000);
    const early = world.logins;
    await clock.advance(2000);
    const later = world.logins;
    await change({ refreshInterval: '1m' });
    await clock.advance(0);
    const changed = world.logins;
    await clock.advance(61_000);

    expect([early, later, changed, world.logins]).toEqual([1, 2, 3, 4]);
  });

  it('lets no store ask for more than every ten seconds', async () => {
    const { clock, world } = await lead([aManifest({ refreshInterval: '1s' })]);

    await clock.advance(9000);

    expect(world.logins).toBe(1);
  });

  it('tries a provider that fails again with growing pauses, until it is back', async () => {
    const { clock, events, status, world } = await lead([aManifest()], { failure: DOWN });

    await clock.advance(4000);
    const tries = world.logins;
    const before = status();
    world.failure = undefined;
    await clock.advance(10_000);

    expect(tries).toBe(4);
    expect(before).toMatchObject({
      conditions: [
        { status: 'False', reason: 'ValidationFailed', message: 'the provider is down. [PROVIDER_UNAVAILABLE]' },
      ],
    });
    expect(status()).toMatchObject({ conditions: [VALID] });
    expect(events.map(({ type }) => type)).toEqual(['Warning', 'Normal']);
  });

  it('does not repeat a login that was refused until its time comes', async () => {
    const { clock, world } = await lead([aManifest()], { failure: REFUSED });

    await clock.advance(290_000);
    const early = world.logins;
    await clock.advance(20_000);

    expect(early).toBe(1);
    expect(world.logins).toBe(2);
  });

  it('does not judge a store by what it was before', async () => {
    const { clock, world, status, events, change } = await lead([aManifest()]);
    world.failure = REFUSED;
    world.beforeLogin = async () => {
      world.failure = undefined;
      await change({ refreshInterval: '2m' });
    };

    await change({ refreshInterval: '1m' });
    await clock.advance(0);

    expect(world.logins).toBe(3);
    expect(status()).toMatchObject({ conditions: [VALID] });
    expect(events).toHaveLength(1);
  });

  it('overwrites nothing that another one wrote meanwhile', async () => {
    const { client, clock, world, status } = await lead([aManifest()]);
    const audited = { type: 'Audited', status: 'True' };
    world.failure = REFUSED;
    world.beforeWrite = async () => {
      const body = { status: { conditions: [VALID, audited] } };
      await client.request({ method: 'PATCH', path: `${PATH}/status`, contentType: MERGE, body });
    };

    await clock.advance(310_000);

    expect(status()).toMatchObject({ conditions: [{ type: 'Ready', status: 'False' }, audited] });
  });

  it('leaves a store alone that is gone', async () => {
    const { client, clock, world } = await lead([aManifest()]);

    await client.request({ method: 'DELETE', path: PATH });
    await clock.advance(600_000);

    expect(world.logins).toBe(1);
  });

  it('ends with its signal', async () => {
    const { clock, world, change, stopping, running } = await lead([aManifest()]);

    stopping.abort();
    await running;
    await change({ refreshInterval: '1m' });
    await clock.advance(600_000);

    expect(world.logins).toBe(1);
  });

  it('says when it last made progress', async () => {
    const { clock, storeStatus } = await lead([aManifest()]);

    await clock.advance(5000);

    expect(storeStatus.lastProgressAt()).toBe(5000);
  });
});
