import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../../../src/config.ts';
import { createClusterExternalSecrets } from '../../../../src/controller/cluster-external-secret/cluster-external-secrets.ts';
import { KubeError, type KubeRequest } from '../../../../src/kube/client.ts';
import { createMemoryCluster, type MemoryCluster } from '../../../../src/kube/memory/memory-cluster.ts';
import { createNamespaceIndex } from '../../../../src/stores/namespace-index.ts';
import type { Store } from '../../../../src/stores/store.ts';
import { storeKey } from '../../../../src/stores/store-key.ts';
import { aStore } from '../../../support/a-store.ts';
import { captureLog } from '../../../support/captured-log.ts';
import { createFakeClock, settle } from '../../../support/fake-clock.ts';

const GROUP = '/apis/external-secrets.io/v1';
const MERGE = 'application/merge-patch+json';
const CLUSTER_STORE = { kind: 'ClusterSecretStore', name: 'ssm' } as const;
const SPEC = { secretStoreRef: CLUSTER_STORE, data: [{ secretKey: 'a', remoteRef: { key: 'b' } }] };
const OPTED_IN = { 'latchkey.dev/inject': 'enabled' };

function aNamespace(name: string, labels: Record<string, string> = { team: 'a', ...OPTED_IN }) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function aDefinition(spec: object = {}, metadata: object = {}) {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterExternalSecret',
    metadata: { name: 'tls', ...metadata },
    spec: { externalSecretSpec: SPEC, namespaceSelectors: [{ matchLabels: { team: 'a' } }], ...spec },
  };
}

function anExternalSecret(namespace: string, name = 'tls', spec: object = SPEC) {
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { namespace, name }, spec };
}

interface Settings {
  readonly config?: object;
  readonly stores?: readonly Store[];
  readonly refuses?: (request: KubeRequest) => boolean;
  /** That another leader worked on before. */
  readonly cluster?: MemoryCluster;
}

/** A leader over a cluster that syncs ExternalSecrets everywhere and takes stores without a class for its own, unless told. */
async function lead(manifests: readonly unknown[], settings: Settings = {}) {
  const clock = createFakeClock();
  const writes: string[] = [];
  const cluster = settings.cluster ?? createMemoryCluster(manifests, { clock, onRequest });
  function onRequest(request: KubeRequest): void {
    const isOurs =
      request.query?.['fieldManager'] === 'latchkey-cluster-external-secret' || request.method === 'DELETE';
    if (isOurs) writes.push(`${request.method} ${request.path.slice(GROUP.length)}`);
    if (settings.refuses?.(request) === true)
      throw new KubeError(503, 'ServiceUnavailable', `${request.method} failed`);
  }
  const { log } = captureLog();
  const known = new Map<string, Store>();
  for (const store of settings.stores ?? []) known.set(storeKey(store.kind, store.namespace, store.name), store);
  const listeners = new Set<(key: string) => void>();
  const namespaces = createNamespaceIndex({ client: cluster, log, clock, random: () => 0.5 });
  const config = { externalSecrets: { namespaces: 'all' }, stores: { claimUnclassed: true }, ...settings.config };
  const work = createClusterExternalSecrets({
    client: cluster,
    config: parseConfig(JSON.stringify(config)),
    namespaces,
    stores: {
      get: (kind, namespace, name) => known.get(storeKey(kind, namespace, name)),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      synced: Promise.resolve(),
    },
    log,
    clock,
    random: () => 0.5,
  });
  const leading = new AbortController();
  const running = work.run(leading.signal);
  onTestFinished(async () => {
    leading.abort();
    await running;
    await namespaces.stop();
  });
  await pass();

  /** A few turns for each of: watch, apply, watch, status. */
  async function pass(): Promise<void> {
    for (let round = 0; round < 8; round += 1) await settle();
  }

  async function patch(path: string, body: object): Promise<void> {
    await cluster.request({ method: 'PATCH', path, contentType: MERGE, body });
    await pass();
  }

  return {
    clock,
    cluster,
    writes,
    pass,
    relabel: (name: string, labels: Record<string, string | null>) =>
      patch(`/api/v1/namespaces/${name}`, { metadata: { labels } }),
    change: (body: object) => patch(`${GROUP}/clusterexternalsecrets/tls`, body),
    patch,
    remove: async (path: string): Promise<void> => {
      await cluster.request({ method: 'DELETE', path });
      await pass();
    },
    setStore: async (store: Store): Promise<void> => {
      const key = storeKey(store.kind, store.namespace, store.name);
      known.set(key, store);
      for (const listener of listeners) listener(key);
      await pass();
    },
    stamped: () =>
      cluster
        .objects('external-secrets.io/v1', 'ExternalSecret')
        .map(({ metadata: { namespace, name } }) => `${namespace ?? ''}/${name}`)
        .toSorted(),
    stampIn: (namespace: string, name = 'tls') =>
      cluster.find('external-secrets.io/v1', 'ExternalSecret', namespace, name),
    status: () => cluster.find('external-secrets.io/v1', 'ClusterExternalSecret', undefined, 'tls')?.['status'],
  };
}

const READY = { conditions: [{ type: 'Ready', status: 'True' }] };
const NOT_READY = { conditions: [{ type: 'Ready', status: 'False', message: 'one or more namespaces failed' }] };

describe('createClusterExternalSecrets', () => {
  it('stamps an ExternalSecret into the selected namespaces and nowhere else', async () => {
    const { stamped, stampIn, status, cluster } = await lead([
      aNamespace('payments'),
      aNamespace('orders', { team: 'b' }),
      aDefinition({ externalSecretMetadata: { labels: { app: 'web' }, annotations: { note: 'x' } } }),
    ]);

    const { uid } = cluster.find('external-secrets.io/v1', 'ClusterExternalSecret', undefined, 'tls')?.metadata ?? {};
    expect(stamped()).toEqual(['payments/tls']);
    expect(stampIn('payments')).toMatchObject({
      metadata: {
        labels: { app: 'web' },
        annotations: { note: 'x' },
        ownerReferences: [
          {
            apiVersion: 'external-secrets.io/v1',
            kind: 'ClusterExternalSecret',
            name: 'tls',
            uid,
            controller: true,
          },
        ],
      },
      spec: SPEC,
    });
    expect(status()).toEqual({ externalSecretName: 'tls', provisionedNamespaces: ['payments'], ...READY });
  });

  it('puts finalizers neither on itself nor on namespaces', async () => {
    const { cluster } = await lead([aNamespace('payments'), aDefinition()]);

    const all = [
      ...cluster.objects('v1', 'Namespace'),
      ...cluster.objects('external-secrets.io/v1', 'ClusterExternalSecret'),
      ...cluster.objects('external-secrets.io/v1', 'ExternalSecret'),
    ];
    expect(all.length).toBeGreaterThan(2);
    expect(JSON.stringify(all)).not.toContain('finalizers');
  });

  it('follows labels of namespaces, and new namespaces', async () => {
    const { stamped, relabel, cluster, pass, status } = await lead([
      aNamespace('payments'),
      aNamespace('orders', { team: 'b' }),
      aDefinition(),
    ]);

    await relabel('orders', { team: 'a' });
    const both = stamped();
    await relabel('payments', { team: null });
    const one = stamped();
    cluster.seed(aNamespace('billing'));
    await pass();

    expect(both).toEqual(['orders/tls', 'payments/tls']);
    expect(one).toEqual(['orders/tls']);
    expect(stamped()).toEqual(['billing/tls', 'orders/tls']);
    expect(status()).toMatchObject({ provisionedNamespaces: ['billing', 'orders'], ...READY });
  });

  it('asks nothing about namespaces that stay as they are', async () => {
    const { relabel, writes } = await lead([
      aNamespace('payments'),
      aNamespace('orders', { team: 'b' }),
      aDefinition(),
    ]);
    writes.length = 0;

    await relabel('orders', { team: 'a' });

    expect(writes).toEqual([
      'PATCH /namespaces/orders/externalsecrets/tls',
      'PATCH /clusterexternalsecrets/tls/status',
    ]);
  });

  it('hands on a new spec, new metadata and force-sync', async () => {
    const { change, stampIn } = await lead([
      aNamespace('payments'),
      aDefinition({ externalSecretMetadata: { labels: { app: 'web' } } }),
    ]);

    await change({
      metadata: { annotations: { 'external-secrets.io/force-sync': '1' } },
      spec: {
        externalSecretMetadata: { labels: { app: null, tier: 'web' } },
        externalSecretSpec: { refreshInterval: '1m' },
      },
    });

    const stamp = stampIn('payments');
    expect(stamp?.metadata.labels).toEqual({ tier: 'web' });
    expect(stamp?.metadata.annotations).toEqual({ 'external-secrets.io/force-sync': '1' });
    expect(stamp?.['spec']).toEqual({ ...SPEC, refreshInterval: '1m' });
  });

  it('removes the old ones when the name changes', async () => {
    const { change, stamped, status } = await lead([aNamespace('payments'), aNamespace('orders'), aDefinition()]);

    await change({ spec: { externalSecretName: 'certificate' } });

    expect(stamped()).toEqual(['orders/certificate', 'payments/certificate']);
    expect(status()).toMatchObject({
      externalSecretName: 'certificate',
      provisionedNamespaces: ['orders', 'payments'],
    });
  });

  it('brings back what was deleted or changed by hand', async () => {
    const { remove, patch, stampIn } = await lead([aNamespace('payments'), aDefinition()]);
    const path = `${GROUP}/namespaces/payments/externalsecrets/tls`;

    await remove(path);
    const again = stampIn('payments');
    await patch(path, { spec: { data: [] } });

    expect(again?.['spec']).toEqual(SPEC);
    expect(stampIn('payments')?.['spec']).toEqual(SPEC);
  });

  it("leaves somebody else's ExternalSecret alone until it is gone, and says so", async () => {
    const foreign = { refreshInterval: '5m' };
    const { remove, stampIn, status } = await lead([
      aNamespace('payments'),
      aNamespace('orders'),
      anExternalSecret('orders', 'tls', foreign),
      aDefinition(),
    ]);

    const before = [stampIn('orders')?.['spec'], stampIn('orders')?.metadata.ownerReferences, status()];
    await remove(`${GROUP}/namespaces/orders/externalsecrets/tls`);

    expect(before).toEqual([
      foreign,
      undefined,
      {
        externalSecretName: 'tls',
        provisionedNamespaces: ['payments'],
        failedNamespaces: [{ namespace: 'orders', reason: 'external secret already exists in namespace' }],
        ...NOT_READY,
      },
    ]);
    expect(stampIn('orders')?.['spec']).toEqual(SPEC);
    expect(status()).toEqual({ externalSecretName: 'tls', provisionedNamespaces: ['orders', 'payments'], ...READY });
  });

  it('says which namespaces have not opted in, and follows when they do', async () => {
    const { relabel, stamped, status } = await lead(
      [aNamespace('payments'), aNamespace('orders', { team: 'a' }), aDefinition()],
      { config: { externalSecrets: { namespaces: 'optedIn' } } },
    );

    const before = [stamped(), status()];
    await relabel('orders', OPTED_IN);

    expect(before).toEqual([
      ['payments/tls'],
      {
        externalSecretName: 'tls',
        provisionedNamespaces: ['payments'],
        failedNamespaces: [
          { namespace: 'orders', reason: 'namespace has not opted in: label it latchkey.dev/inject=enabled' },
        ],
        ...NOT_READY,
      },
    ]);
    expect(stamped()).toEqual(['orders/tls', 'payments/tls']);
  });

  it.each([
    ['a ClusterSecretStore of another class', [{ ...aStore(CLUSTER_STORE), controller: 'other' }], {}],
    ['one without a class that is not ours to claim', [aStore(CLUSTER_STORE)], { claimUnclassed: false }],
    ['one that does not exist, where those without a class are not ours', [], { claimUnclassed: false }],
  ])('touches nothing that is read from %s', async (_title, stores, claim) => {
    const { writes, status } = await lead([aNamespace('payments'), aDefinition()], {
      stores,
      config: { stores: claim },
    });

    expect(writes).toEqual([]);
    expect(status()).toBeUndefined();
  });

  it('begins when its store becomes ours', async () => {
    const { setStore, stamped } = await lead([aNamespace('payments'), aDefinition()], {
      stores: [{ ...aStore(CLUSTER_STORE), controller: 'other' }],
      config: { stores: { claimUnclassed: false } },
    });

    await setStore({ ...aStore(CLUSTER_STORE), controller: 'latchkey' });

    expect(stamped()).toEqual(['payments/tls']);
  });

  it('passes over namespaces whose SecretStore is of another class', async () => {
    const own = { kind: 'SecretStore', name: 'aws-prod' } as const;
    const foreign = { ...aStore(own), namespace: 'orders', controller: 'other' };
    const { stamped, status } = await lead(
      [
        aNamespace('payments'),
        aNamespace('orders'),
        aDefinition({ externalSecretSpec: { ...SPEC, secretStoreRef: own } }),
      ],
      { stores: [aStore(own), foreign] },
    );

    expect(stamped()).toEqual(['payments/tls']);
    expect(status()).toEqual({ externalSecretName: 'tls', provisionedNamespaces: ['payments'], ...READY });
  });

  it('says what is wrong with it and removes nothing for it', async () => {
    const { change, stamped, status } = await lead([aNamespace('payments'), aDefinition()]);

    await change({ spec: { namespaceSelectors: [{ matchExpressions: [{ key: 'team', operator: 'Is' }] }] } });

    expect(stamped()).toEqual(['payments/tls']);
    expect(status()).toMatchObject({
      provisionedNamespaces: ['payments'],
      failedNamespaces: [{ namespace: 'unknown', reason: expect.stringContaining('operator: must be one of') }],
    });
  });

  it('tries again what the API server could not do, and says why meanwhile', async () => {
    const state = { isDown: true };
    const { clock, stamped, status } = await lead([aNamespace('payments'), aDefinition()], {
      refuses: ({ method, path }) => state.isDown && method === 'PATCH' && path.includes('/externalsecrets/'),
    });

    const before = status();
    state.isDown = false;
    await clock.advance(1000);

    expect(before).toMatchObject({
      failedNamespaces: [{ namespace: 'payments', reason: 'could not create or update ExternalSecret: PATCH failed' }],
    });
    expect(stamped()).toEqual(['payments/tls']);
    expect(status()).toMatchObject(READY);
  });

  it('begins two seconds after an API server answers that did not at first', async () => {
    const state = { isDown: true };
    const { clock, pass, stamped } = await lead([aNamespace('payments'), aDefinition()], {
      refuses: ({ path }) => state.isDown && path === '/apis/external-secrets.io',
    });

    const before = stamped();
    state.isDown = false;
    await clock.advance(2000);
    await pass();

    expect(before).toEqual([]);
    expect(stamped()).toEqual(['payments/tls']);
  });

  it('takes up the work of the leader before without storing anything anew', async () => {
    const { cluster } = await lead([aNamespace('payments'), aDefinition()]);
    const versions = () =>
      ['ExternalSecret', 'ClusterExternalSecret'].flatMap((kind) =>
        cluster.objects('external-secrets.io/v1', kind).map(({ metadata }) => metadata.resourceVersion),
      );
    const before = versions();

    const next = await lead([], { cluster });
    const after = versions();
    await next.relabel('payments', { team: 'b' });

    expect(after).toEqual(before);
    expect(next.stamped()).toEqual([]);
  });

  it('leaves namespaces alone that are being deleted', async () => {
    const terminating = {
      ...aNamespace('orders'),
      metadata: { ...aNamespace('orders').metadata, finalizers: ['a/b'] },
    };
    const { cluster, pass, writes, stamped } = await lead([terminating]);

    await cluster.request({ method: 'DELETE', path: '/api/v1/namespaces/orders' });
    cluster.seed(aDefinition());
    await pass();

    expect(stamped()).toEqual([]);
    expect(writes.filter((write) => write.includes('/externalsecrets/'))).toEqual([]);
  });
});
