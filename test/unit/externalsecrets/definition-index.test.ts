import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDefinitionIndex } from '../../../src/externalsecrets/definition-index.ts';
import { createMemoryCluster, type MemoryClusterOptions } from '../../../src/kube/memory/memory-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const GROUP = '/apis/external-secrets.io';
const MERGE = 'application/merge-patch+json';

interface ManifestSettings {
  readonly namespace?: string;
  readonly target?: Readonly<Record<string, unknown>>;
  readonly createdAt?: string;
  readonly deletedAt?: string;
}

function aManifest(name: string, settings: ManifestSettings = {}) {
  const { namespace = 'payments', target, createdAt, deletedAt } = settings;
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: {
      name,
      namespace,
      ...(createdAt !== undefined && { creationTimestamp: createdAt }),
      ...(deletedAt !== undefined && { deletionTimestamp: deletedAt, finalizers: ['example.com/hold'] }),
    },
    spec: {
      secretStoreRef: { name: 'main' },
      data: [{ secretKey: 'a', remoteRef: { key: 'db' } }],
      ...(target !== undefined && { target }),
    },
  };
}

/** An index over a cluster, and the keys of what it said has changed. */
function observe(manifests: readonly unknown[], options: MemoryClusterOptions = {}) {
  const clock = createFakeClock();
  const client = createMemoryCluster(manifests, options);
  const index = createDefinitionIndex({ client, log: pino({ level: 'silent' }), clock, random: () => 0.5 });
  onTestFinished(() => index.stop());
  const changed: string[] = [];
  const unsubscribe = index.onChange((key) => changed.push(key));
  return { client, clock, index, changed, unsubscribe };
}

describe('createDefinitionIndex', () => {
  it('finds ExternalSecrets by name', async () => {
    const { index } = observe([aManifest('db'), aManifest('api'), aManifest('db', { namespace: 'search' })]);

    await index.synced;

    expect(index.isSynced()).toBe(true);
    expect(index.get('payments', 'db')).toMatchObject({ name: 'db', target: 'db', type: 'Opaque', problems: [] });
    expect(index.definition('search', 'db')).toMatchObject({ namespace: 'search', generation: 1 });
    expect(index.get('other', 'db')).toBeUndefined();
    expect(index.names('payments')).toEqual(['api', 'db']);
    expect([...index.all().keys()]).toEqual(['payments/api', 'payments/db', 'search/db']);
  });

  it('finds the one that makes a Secret: the oldest that is not being deleted', async () => {
    const target = { name: 'shared' };
    const { index } = observe([
      aManifest('younger', { target, createdAt: '2026-02-01T00:00:00Z' }),
      aManifest('older', { target, createdAt: '2026-01-01T00:00:00Z' }),
      aManifest('oldest', { target, createdAt: '2025-01-01T00:00:00Z', deletedAt: '2026-03-01T00:00:00Z' }),
      aManifest('reader', { target: { name: 'nothing', creationPolicy: 'None' } }),
    ]);

    await index.synced;

    expect(index.making('payments', 'shared')?.name).toBe('older');
    expect(index.making('search', 'shared')).toBeUndefined();
    expect(index.making('payments', 'nothing')).toBeUndefined();
    expect(index.get('payments', 'reader')?.target).toBeUndefined();
  });

  it('follows what comes, changes and goes, and says so', async () => {
    const { client, clock, index, changed } = observe([aManifest('db')]);
    await index.synced;
    const before = index.get('payments', 'db')?.digest;
    const path = `${GROUP}/v1/namespaces/payments/externalsecrets/db`;

    await client.request({
      method: 'PATCH',
      path,
      contentType: MERGE,
      body: { spec: { target: { name: 'renamed', template: { data: { a: 'b' } } } } },
    });
    client.seed(aManifest('api'));
    await clock.advance(0);
    const renamed = index.making('payments', 'renamed');
    const stale = index.making('payments', 'db');
    await client.request({ method: 'DELETE', path });
    await clock.advance(0);

    expect(renamed?.digest).not.toBe(before);
    expect(stale).toBeUndefined();
    expect(index.making('payments', 'renamed')).toBeUndefined();
    expect([...index.all().keys()]).toEqual(['payments/api']);
    expect(changed).toEqual(['payments/db', 'payments/db', 'payments/api', 'payments/db']);
  });

  it('takes in a new status without reading the spec anew', async () => {
    const { client, clock, index, changed } = observe([aManifest('db')]);
    await index.synced;
    const before = index.definition('payments', 'db');
    changed.length = 0;

    await client.request({
      method: 'PATCH',
      path: `${GROUP}/v1/namespaces/payments/externalsecrets/db/status`,
      contentType: MERGE,
      body: { status: { syncedResourceVersion: '1-x', refreshTime: '2026-01-02T03:04:05Z' } },
    });
    await clock.advance(0);

    const after = index.definition('payments', 'db');
    expect(after?.status).toMatchObject({
      syncedResourceVersion: '1-x',
      refreshTime: new Date('2026-01-02T03:04:05Z'),
    });
    expect(after?.spec).toBe(before?.spec);
    expect(changed).toEqual(['payments/db']);
  });

  it('takes in new annotations', async () => {
    const { client, clock, index } = observe([aManifest('db')]);
    await index.synced;

    await client.request({
      method: 'PATCH',
      path: `${GROUP}/v1/namespaces/payments/externalsecrets/db`,
      contentType: MERGE,
      body: { metadata: { annotations: { 'force-sync': '1' } } },
    });
    await clock.advance(0);

    expect(index.definition('payments', 'db')?.annotations).toEqual({ 'force-sync': '1' });
  });

  it('knows what is wrong with a definition', async () => {
    const { index } = observe([{ ...aManifest('db'), spec: {} }]);

    await index.synced;

    expect(index.get('payments', 'db')?.problems).toEqual(['spec: either data or dataFrom should be specified']);
  });

  it('is empty and synced where the CRDs are not installed', async () => {
    const { index } = observe([], { without: ['external-secrets.io'] });

    await index.synced;

    expect(index.all().size).toBe(0);
    expect(index.get('payments', 'db')).toBeUndefined();
    expect(index.making('payments', 'db')).toBeUndefined();
  });

  it('tells nobody who has unsubscribed', async () => {
    const { client, clock, index, changed, unsubscribe } = observe([]);
    await index.synced;

    unsubscribe();
    client.seed(aManifest('db'));
    await clock.advance(0);

    expect(changed).toEqual([]);
  });
});
