import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { KubeError } from '../../../src/kube/client.ts';
import { createMemoryCluster, type MemoryClusterOptions } from '../../../src/kube/memory/memory-cluster.ts';
import { createStoreIndex } from '../../../src/stores/store-index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const NO_CRDS = { without: ['external-secrets.io'] };
const V1 = 'external-secrets.io/v1';
const V1BETA1 = 'external-secrets.io/v1beta1';

function aManifest(name: string, { kind = 'SecretStore', namespace = 'payments', apiVersion = V1, key = 'db' } = {}) {
  const metadata = kind === 'SecretStore' ? { name, namespace } : { name };
  return { apiVersion, kind, metadata, spec: { provider: { fake: { data: [{ key, value: 'x' }] } } } };
}

/** An index over a cluster, and the keys of the stores that it said have changed. */
function observe(manifests: readonly unknown[], options: MemoryClusterOptions = {}) {
  const clock = createFakeClock();
  const client = createMemoryCluster(manifests, options);
  const log = pino({ level: 'silent' });
  const index = createStoreIndex({ client, config: parseConfig(''), log, clock, random: () => 0.5 });
  onTestFinished(() => index.stop());
  const changed: string[] = [];
  const unsubscribe = index.onChange((key) => changed.push(key));
  return { client, clock, index, changed, unsubscribe };
}

describe('createStoreIndex', () => {
  it('finds stores of both kinds by name', async () => {
    const { index } = observe([
      aManifest('main'),
      aManifest('main', { namespace: 'search' }),
      aManifest('shared', { kind: 'ClusterSecretStore' }),
    ]);

    await index.synced;

    expect(index.isSynced()).toBe(true);
    expect(index.get('SecretStore', 'payments', 'main')).toMatchObject({ namespace: 'payments', problems: [] });
    expect(index.get('SecretStore', 'other', 'main')).toBeUndefined();
    expect(index.get('ClusterSecretStore', 'payments', 'shared')).toMatchObject({ name: 'shared', provider: 'fake' });
    expect(index.get('ClusterSecretStore', 'payments', 'main')).toBeUndefined();
  });

  it('lists the names that a namespace could use', async () => {
    const { index } = observe([
      aManifest('main'),
      aManifest('old'),
      aManifest('elsewhere', { namespace: 'search' }),
      aManifest('shared', { kind: 'ClusterSecretStore' }),
    ]);

    await index.synced;

    expect(index.names('SecretStore', 'payments')).toEqual(['main', 'old']);
    expect(index.names('ClusterSecretStore', 'payments')).toEqual(['shared']);
  });

  it('follows what comes, changes and goes, and says so', async () => {
    const { client, clock, index, changed } = observe([aManifest('main')]);
    await index.synced;
    const before = index.get('SecretStore', 'payments', 'main');

    await client.request({
      method: 'PATCH',
      path: '/apis/external-secrets.io/v1/namespaces/payments/secretstores/main',
      contentType: 'application/merge-patch+json',
      body: { spec: { controller: 'latchkey' } },
    });
    client.seed(aManifest('shared', { kind: 'ClusterSecretStore' }));
    await clock.advance(0);
    const after = index.get('SecretStore', 'payments', 'main');
    await client.request({ method: 'DELETE', path: '/apis/external-secrets.io/v1/clustersecretstores/shared' });
    await clock.advance(0);

    expect(before).toMatchObject({ controller: '', generation: 1 });
    expect(after).toMatchObject({ controller: 'latchkey', generation: 2 });
    expect(index.get('ClusterSecretStore', '', 'shared')).toBeUndefined();
    expect(changed).toEqual([
      'SecretStore/payments/main',
      'SecretStore/payments/main',
      'ClusterSecretStore//shared',
      'ClusterSecretStore//shared',
    ]);
  });

  it('keeps a store of which only the status changed', async () => {
    const { client, clock, index, changed } = observe([aManifest('main')]);
    await index.synced;
    const before = index.get('SecretStore', 'payments', 'main');

    await client.request({
      method: 'PATCH',
      path: '/apis/external-secrets.io/v1/namespaces/payments/secretstores/main/status',
      contentType: 'application/merge-patch+json',
      body: { status: { capabilities: 'ReadOnly' } },
    });
    await clock.advance(0);

    expect(index.get('SecretStore', 'payments', 'main')).toBe(before);
    expect(changed).toEqual(['SecretStore/payments/main']);
  });

  it('hears of the annotation that opens a store to Pods', async () => {
    const { client, clock, index } = observe([aManifest('shared', { kind: 'ClusterSecretStore' })]);
    await index.synced;

    await client.request({
      method: 'PATCH',
      path: '/apis/external-secrets.io/v1/clustersecretstores/shared',
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { 'latchkey.dev/pods': 'allowed' } } },
    });
    await clock.advance(0);

    expect(index.get('ClusterSecretStore', '', 'shared')?.podsAllowed).toBe(true);
  });

  it('tells nothing to a listener that left', async () => {
    const { index, changed, unsubscribe } = observe([aManifest('main')]);

    unsubscribe();
    await index.synced;

    expect(changed).toEqual([]);
  });

  it('is empty without CRDs, and picks them up when they come', async () => {
    const { client, clock, index } = observe([], NO_CRDS);

    await index.synced;
    const before = [...index.all().keys()];
    client.seed(aManifest('main'));
    await clock.advance(45_000);

    expect(before).toEqual([]);
    expect([...index.all().keys()]).toEqual(['SecretStore/payments/main']);
  });

  it('reads v1beta1 where nothing newer is served', async () => {
    const { index } = observe([aManifest('main', { apiVersion: V1BETA1 })], NO_CRDS);

    await index.synced;

    expect(index.get('SecretStore', 'payments', 'main')).toMatchObject({ apiVersion: V1BETA1, problems: [] });
  });

  it('changes to v1 when it is served, and forgets no store meanwhile', async () => {
    const { client, clock, index } = observe([aManifest('main', { apiVersion: V1BETA1 })], NO_CRDS);
    await index.synced;
    const seen = new Set<string | undefined>();
    index.onChange(() => seen.add(index.get('SecretStore', 'payments', 'main')?.apiVersion));

    client.seed(aManifest('new', { apiVersion: V1 }));
    await clock.advance(45_000);

    expect(seen).toEqual(new Set([V1]));
    expect(index.names('SecretStore', 'payments')).toEqual(['main', 'new']);
  });

  it('asks again, later and later, when the API server does not answer', async () => {
    let isDown = true;
    const { clock, index } = observe([aManifest('main')], {
      onRequest() {
        if (isDown) throw new KubeError(503, 'ServiceUnavailable', 'down');
      },
    });

    await clock.advance(1000);
    const whileDown = index.isSynced();
    isDown = false;
    await clock.advance(60_000);

    expect(whileDown).toBe(false);
    expect(index.get('SecretStore', 'payments', 'main')).toBeDefined();
  });

  it('knows when it last heard of the cluster', async () => {
    const { client, clock, index } = observe([aManifest('main')]);
    await index.synced;

    await clock.advance(20_000);
    const silent = index.lastContactAt();
    client.bookmark();
    await clock.advance(0);

    expect(silent).toBe(0);
    expect(index.lastContactAt()).toBe(20_000);
  });
});
