import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import { parseStore } from '../../../src/stores/parse-store.ts';
import { startStoreFeed } from '../../../src/stores/store-feed.ts';
import { needs } from '../../support/a-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const API_VERSION = 'external-secrets.io/v1';
const LIMITS = { audiences: [], endpoints: [], maxResponseBytes: 1000 };

function aManifest(name: string, provider: string) {
  const metadata = { name, namespace: 'payments' };
  return { apiVersion: API_VERSION, kind: 'SecretStore', metadata, spec: { provider: { [provider]: {} } } };
}

function aProvider(name: string): Provider {
  return {
    name,
    configure: () => ({ needs: needs(), property: 'path', connect: () => Promise.reject(new Error('not here')) }),
  };
}

/** A feed with a provider `fast`, and one `slow` that is loaded when the test says so. */
async function feed(...manifests: readonly unknown[]) {
  const loaded = Promise.withResolvers<void>();
  const providerKinds = [
    { name: 'fast', load: async () => aProvider('fast') },
    { name: 'slow', load: () => loaded.promise.then(() => aProvider('slow')) },
  ];
  const clock = createFakeClock();
  const client = createMemoryCluster(manifests);
  const changed: string[] = [];
  const running = startStoreFeed({
    client,
    clock,
    log: pino({ level: 'silent' }),
    apiVersion: API_VERSION,
    async parse(manifest) {
      const store = await parseStore(manifest, { providerKinds, limitsFor: () => LIMITS });
      if (store.name === 'broken') throw new Error('not readable');
      return store;
    },
    onChange: (key) => changed.push(key),
  });
  let isSynced = false;
  void markSynced();
  onTestFinished(async () => {
    loaded.resolve();
    await running.stop();
  });
  await clock.advance(0);

  async function markSynced(): Promise<void> {
    await running.synced;
    isSynced = true;
  }
  async function load(): Promise<void> {
    loaded.resolve();
    await clock.advance(0);
  }
  return { client, clock, stores: running.objects, changed, isSynced: () => isSynced, load };
}

describe('startStoreFeed', () => {
  it('is synced when the providers of all listed stores are loaded', async () => {
    const { stores, isSynced, load } = await feed(aManifest('first', 'slow'), aManifest('second', 'fast'));
    const before = { isSynced: isSynced(), stores: stores.size };

    await load();

    expect(before).toEqual({ isSynced: false, stores: 0 });
    expect(isSynced()).toBe(true);
    expect([...stores.values()].map(({ provider }) => provider)).toEqual(['slow', 'fast']);
  });

  it('keeps the order of what comes and goes while a provider is loaded', async () => {
    const { client, clock, stores, changed, load } = await feed(aManifest('old', 'fast'));

    client.seed(aManifest('new', 'slow'));
    await clock.advance(0);
    await client.request({ method: 'DELETE', path: `/apis/${API_VERSION}/namespaces/payments/secretstores/new` });
    await client.request({ method: 'DELETE', path: `/apis/${API_VERSION}/namespaces/payments/secretstores/old` });
    await clock.advance(0);
    const known = [...stores.keys()];
    await load();

    expect(known).toEqual(['SecretStore/payments/old']);
    expect([...stores.keys()]).toEqual([]);
    expect(changed.map((key) => key.split('/')[2])).toEqual(['old', 'new', 'new', 'old']);
  });

  it('lets one that cannot be read keep no other out', async () => {
    const { stores, isSynced } = await feed(aManifest('broken', 'fast'), aManifest('main', 'fast'));

    expect(isSynced()).toBe(true);
    expect([...stores.keys()]).toEqual(['SecretStore/payments/main']);
  });
});
