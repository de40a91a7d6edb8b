import { describe, expect, it, onTestFinished } from 'vitest';
import { type KubeRequest, METADATA_ONLY, METADATA_ONLY_LIST } from '../../../../src/kube/client.ts';
import { getAt } from '../../../../src/kube/memory/field-path.ts';
import { createMemoryCluster } from '../../../../src/kube/memory/memory-cluster.ts';
import { apiPath, CONFIG_MAPS, LEASES, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../../../src/kube/paths.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { kubeFailure } from '../../../support/kube-failure.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } };
const STORES = { apiVersion: 'external-secrets.io/v1', plural: 'secretstores' };
const secrets = apiPath(SECRETS, { namespace: 'payments' });

function aSecret(name: string, rest: object = {}, metadata: object = {}) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'payments', ...metadata }, ...rest };
}

function aStore(name: string, rest: object = {}) {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace: 'payments' },
    ...rest,
  };
}

describe('reading', () => {
  it('gives an object in each served version', async () => {
    const kube = createMemoryCluster([aStore('aws', { spec: { provider: {} } })]);

    const place = { namespace: 'payments', name: 'aws' };
    const v1 = await kube.request({ method: 'GET', path: apiPath(STORES, place) });
    const beta = await kube.request({
      method: 'GET',
      path: apiPath({ ...STORES, apiVersion: 'external-secrets.io/v1beta1' }, place),
    });

    expect(v1).toMatchObject({
      apiVersion: 'external-secrets.io/v1',
      spec: { provider: {} },
      metadata: { generation: 1 },
    });
    expect(beta).toMatchObject({ apiVersion: 'external-secrets.io/v1beta1', spec: { provider: {} } });
  });

  it('gives the same manifests the same uids', () => {
    const [one, other] = [createMemoryCluster([aSecret('a')]), createMemoryCluster([aSecret('a'), aSecret('b')])];

    const uids = [one, other].map((kube) => kube.find('v1', 'Secret', 'payments', 'a')?.metadata.uid);

    expect(uids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uids[0]).toBe(uids[1]);
  });

  it('gives metadata alone where that is asked for', async () => {
    const kube = createMemoryCluster([aSecret('a', { stringData: { password: 'hunter2' } })]);

    const one = await kube.request({ method: 'GET', path: `${secrets}/a`, accept: METADATA_ONLY });
    const list = await kube.request({ method: 'GET', path: secrets, accept: METADATA_ONLY_LIST });

    expect(one).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect(list).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] });
    expect(JSON.stringify([one, list])).not.toContain(Buffer.from('hunter2').toString('base64'));
  });

  it.each([
    ['labelSelector', 'app=x', ['a', 'b']],
    ['labelSelector', 'app==x,tier!=web', ['b']],
    ['labelSelector', 'tier in (web, db)', ['a']],
    ['labelSelector', 'tier notin (web)', ['b', 'c']],
    ['labelSelector', 'app', ['a', 'b']],
    ['labelSelector', '!app', ['c']],
    ['fieldSelector', 'metadata.name=b', ['b']],
    ['fieldSelector', 'type!=Opaque', ['c']],
  ])('lists by %s %s', async (kind, selector, names) => {
    const kube = createMemoryCluster([
      aSecret('a', {}, { labels: { app: 'x', tier: 'web' } }),
      aSecret('b', {}, { labels: { app: 'x' } }),
      aSecret('c', { type: 'kubernetes.io/tls' }),
    ]);

    const list = await kube.request({ method: 'GET', path: secrets, query: { [kind]: selector } });

    expect(list).toMatchObject({ items: names.map((name) => ({ metadata: { name } })) });
  });

  it('answers what is not served as the API server does', async () => {
    const kube = createMemoryCluster([NAMESPACE], { without: ['external-secrets.io'] });

    for (const path of [apiPath(STORES), '/apis/external-secrets.io', '/api/v1/unicorns', '/healthz']) {
      expect(await kubeFailure(kube.request({ method: 'GET', path }))).toMatchObject({
        status: 404,
        reason: 'NotFound',
      });
    }
  });

  it('tells which versions of a group it serves', async () => {
    const kube = createMemoryCluster();

    const group = await kube.request({ method: 'GET', path: '/apis/external-secrets.io' });

    expect(group).toMatchObject({ kind: 'APIGroup', versions: [{ version: 'v1' }, { version: 'v1beta1' }] });
  });

  it('hands out copies, so that nobody changes what is stored', async () => {
    const kube = createMemoryCluster([aSecret('a')]);

    Object.assign(kube.find('v1', 'Secret', 'payments', 'a')?.metadata ?? {}, { name: 'changed' });

    expect(kube.find('v1', 'Secret', 'payments', 'a')?.metadata.name).toBe('a');
  });
});

describe('writing', () => {
  it('creates with a uid, a version and defaults, and refuses the name the second time', async () => {
    const kube = createMemoryCluster([NAMESPACE]);
    const body = aSecret('a', { stringData: { password: 'hunter2' } });

    const created = await kube.request({ method: 'POST', path: secrets, body });
    const again = await kubeFailure(kube.request({ method: 'POST', path: secrets, body }));

    expect(created).toMatchObject({
      type: 'Opaque',
      data: { password: 'aHVudGVyMg==' },
      metadata: { uid: expect.any(String), resourceVersion: expect.stringMatching(/^\d+$/) },
    });
    expect(created).not.toHaveProperty('stringData');
    expect(again).toMatchObject({ status: 409, reason: 'AlreadyExists' });
  });

  it('makes a name from generateName', async () => {
    const kube = createMemoryCluster([NAMESPACE]);
    const body = { ...aSecret(''), metadata: { generateName: 'db-' } };

    const created = await kube.request({ method: 'POST', path: secrets, body });

    expect(created).toMatchObject({ metadata: { name: expect.stringMatching(/^db-[a-z0-9]{5}$/) } });
  });

  it('stores nothing in a dry run, and still says whether a name is taken', async () => {
    const kube = createMemoryCluster([aSecret('taken')]);
    const query = { dryRun: 'All' };

    await kube.request({ method: 'POST', path: secrets, body: aSecret('free'), query });
    const taken = await kubeFailure(kube.request({ method: 'POST', path: secrets, body: aSecret('taken'), query }));
    await kube.request({ method: 'DELETE', path: `${secrets}/taken`, query });

    expect(taken).toMatchObject({ reason: 'AlreadyExists' });
    expect(kube.objects('v1', 'Secret').map(({ metadata }) => metadata.name)).toEqual(['taken']);
  });

  it.each([
    ['a Namespace that does not exist', aSecret('a', {}, { namespace: 'nowhere' }), 'nowhere', 404],
    ['another namespace than that of the path', aSecret('a', {}, { namespace: 'other' }), 'payments', 400],
    ['another kind than that of the path', { ...aSecret('a'), kind: 'ConfigMap' }, 'payments', 400],
    ['a name with capitals', aSecret('Not-A-Name'), 'payments', 422],
    ['a value that is not base64', aSecret('a', { data: { password: 'hunter2!' } }), 'payments', 400],
    ['an owner without uid', aSecret('a', {}, { ownerReferences: [{ kind: 'Pod', name: 'x' }] }), 'payments', 422],
    ['a label value with a slash', aSecret('a', {}, { labels: { app: 'a/b' } }), 'payments', 422],
  ])('refuses to create in or with %s', async (_, body, namespace, status) => {
    const kube = createMemoryCluster([NAMESPACE]);

    const error = await kubeFailure(kube.request({ method: 'POST', path: apiPath(SECRETS, { namespace }), body }));

    expect(error.status).toBe(status);
  });

  it('replaces on the version that was read, and refuses a stale one', async () => {
    const kube = createMemoryCluster([aSecret('a')]);
    const path = `${secrets}/a`;
    const read = kube.find('v1', 'Secret', 'payments', 'a');

    await kube.request({ method: 'PUT', path, body: { ...read, stringData: { a: '1' } } });
    const stale = await kubeFailure(kube.request({ method: 'PUT', path, body: { ...read, stringData: { a: '2' } } }));

    expect(stale).toMatchObject({ status: 409, reason: 'Conflict' });
    expect(kube.find('v1', 'Secret', 'payments', 'a')).toMatchObject({ data: { a: 'MQ==' } });
  });

  it('asks for a version where the API server does', async () => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', namespace: 'payments' },
    };
    const kube = createMemoryCluster([lease]);
    const path = apiPath(LEASES, { namespace: 'payments', name: 'l' });

    const error = await kubeFailure(kube.request({ method: 'PUT', path, body: lease }));

    expect(error).toMatchObject({ status: 422, reason: 'Invalid' });
  });

  it.each([
    ['2026-11-22T05:00:00.000000Z', true],
    ['2026-11-22T05:00:00.000Z', false],
  ])('takes %s as the time of a Lease: %s', async (renewTime, isTaken) => {
    const kube = createMemoryCluster([NAMESPACE]);
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: { holderIdentity: '', leaseDurationSeconds: 1, renewTime },
    };

    const outcome = await kube.request({ method: 'POST', path: apiPath(LEASES, { namespace: 'payments' }), body }).then(
      () => true,
      () => false,
    );

    expect(outcome).toBe(isTaken);
  });

  it('keeps the version of an object that a write does not change', async () => {
    const kube = createMemoryCluster([aSecret('a', { stringData: { a: '1' } })]);
    const before = kube.find('v1', 'Secret', 'payments', 'a');

    await kube.request({
      method: 'PATCH',
      path: `${secrets}/a`,
      contentType: 'application/merge-patch+json',
      body: { stringData: { a: '1' } },
    });

    expect(kube.find('v1', 'Secret', 'payments', 'a')).toEqual(before);
  });

  it('keeps status and the rest apart, and counts generations of the rest', async () => {
    const kube = createMemoryCluster([aStore('aws', { spec: { controller: 'x' } })]);
    const path = apiPath(STORES, { namespace: 'payments', name: 'aws' });
    const contentType = 'application/merge-patch+json';

    await kube.request({
      method: 'PATCH',
      path: `${path}/status`,
      contentType,
      body: { spec: { controller: 'no' }, status: { ok: true } },
    });
    await kube.request({
      method: 'PATCH',
      path,
      contentType,
      body: { spec: { controller: 'y' }, status: { ok: false } },
    });

    expect(kube.find('external-secrets.io/v1', 'SecretStore', 'payments', 'aws')).toMatchObject({
      spec: { controller: 'y' },
      status: { ok: true },
      metadata: { generation: 2 },
    });
  });

  it('does not change an immutable Secret or the type of any', async () => {
    const kube = createMemoryCluster([aSecret('a', { immutable: true, stringData: { a: '1' } })]);
    const contentType = 'application/merge-patch+json';

    for (const body of [{ stringData: { a: '2' } }, { immutable: false }, { type: 'kubernetes.io/tls' }]) {
      const error = await kubeFailure(kube.request({ method: 'PATCH', path: `${secrets}/a`, contentType, body }));
      expect(error).toMatchObject({ status: 422, reason: 'Invalid' });
    }
  });

  it('deletes under preconditions', async () => {
    const kube = createMemoryCluster([aSecret('a')]);
    const path = `${secrets}/a`;
    const { uid, resourceVersion } = kube.find('v1', 'Secret', 'payments', 'a')?.metadata ?? {};

    for (const preconditions of [{ resourceVersion: '1' }, { uid: 'another' }]) {
      const error = await kubeFailure(kube.request({ method: 'DELETE', path, body: { preconditions } }));
      expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
    }
    await kube.request({ method: 'DELETE', path, body: { preconditions: { uid, resourceVersion } } });

    expect(kube.objects('v1', 'Secret')).toEqual([]);
  });

  it('lets an object go when its last finalizer does', async () => {
    const kube = createMemoryCluster([aSecret('a', {}, { finalizers: ['x/y'] })]);

    await kube.request({ method: 'DELETE', path: `${secrets}/a` });
    const waiting = kube.find('v1', 'Secret', 'payments', 'a');
    await kube.request({
      method: 'PATCH',
      path: `${secrets}/a`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });

    expect(waiting?.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
    expect(kube.objects('v1', 'Secret')).toEqual([]);
  });
});

describe('tokens', () => {
  const path = apiPath(SERVICE_ACCOUNTS, { namespace: 'payments', name: 'api', subresource: 'token' });
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'api', namespace: 'payments', uid: 'sa-uid' },
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'api-0', namespace: 'payments', uid: 'pod-uid' } };

  function tokenRequest(spec: object) {
    return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  }

  it('issues a token for the ServiceAccount, the audience and the Pod that are named', async () => {
    const kube = createMemoryCluster([account, pod], { clock: createFakeClock() });
    const body = tokenRequest({
      audiences: ['vault'],
      expirationSeconds: 600,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'api-0', uid: 'pod-uid' },
    });

    const answer = await kube.request({ method: 'POST', path, body });

    expect(answer).toMatchObject({ status: { expirationTimestamp: '2026-11-22T05:10:00Z' } });
    const token = String(getAt(answer, ['status', 'token']));
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: ['vault'],
      sub: 'system:serviceaccount:payments:api',
      exp: Date.parse('2026-11-22T05:10:00Z') / 1000,
      'kubernetes.io': { serviceaccount: { name: 'api', uid: 'sa-uid' }, pod: { name: 'api-0', uid: 'pod-uid' } },
    });
  });

  it.each([
    ['a lifetime under ten minutes', { expirationSeconds: 599 }, 422],
    ['a Pod that does not exist', { boundObjectRef: { kind: 'Pod', name: 'nobody' } }, 404],
    ['a Pod of another uid', { boundObjectRef: { kind: 'Pod', name: 'api-0', uid: 'old' } }, 409],
  ])('refuses %s', async (_, spec, status) => {
    const kube = createMemoryCluster([account, pod]);

    expect(await kubeFailure(kube.request({ method: 'POST', path, body: tokenRequest(spec) }))).toMatchObject({
      status,
    });
  });

  it('knows no ServiceAccount but those that exist, and the default one of each Namespace', async () => {
    const kube = createMemoryCluster([NAMESPACE]);
    const ofDefault = apiPath(SERVICE_ACCOUNTS, { namespace: 'payments', name: 'default', subresource: 'token' });

    await kube.request({ method: 'POST', path: ofDefault, body: tokenRequest({ audiences: ['vault'] }) });

    expect(await kubeFailure(kube.request({ method: 'POST', path, body: tokenRequest({}) }))).toMatchObject({
      status: 404,
    });
  });
});

describe('watching', () => {
  it('replays what came after a version, and goes on', async () => {
    const kube = createMemoryCluster([aSecret('a')]);
    const list = await kube.request({ method: 'GET', path: secrets });
    kube.seed(aSecret('b'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'payments' } });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());

    const query = { resourceVersion: String(getAt(list, ['metadata', 'resourceVersion'])) };
    const watch = kube.watch({ path: secrets, query, signal: stop.signal })[Symbol.asyncIterator]();
    const replayed = await watch.next();
    const next = watch.next();
    await kube.request({ method: 'DELETE', path: `${secrets}/a` });

    expect(replayed.value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    expect((await next).value).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
  });

  it('ends after its own timeout with a bookmark', async () => {
    const kube = createMemoryCluster([aSecret('a')]);
    const { signal } = new AbortController();
    const query = { resourceVersion: '0', timeoutSeconds: '0', allowWatchBookmarks: 'true' };

    const types: string[] = [];
    for await (const event of kube.watch({ path: secrets, query, signal })) types.push(event.type);

    expect(types).toEqual(['ADDED', 'BOOKMARK']);
  });
});

describe('the edges', () => {
  it('shows every request to the hook, whose error is the answer', async () => {
    const seen: KubeRequest[] = [];
    const kube = createMemoryCluster([aSecret('a')], {
      onRequest: (request) => {
        seen.push(request);
        throw new Error('injected');
      },
    });

    await expect(kube.request({ method: 'GET', path: `${secrets}/a` })).rejects.toThrow('injected');
    expect(seen).toEqual([{ method: 'GET', path: `${secrets}/a` }]);
  });

  it('does nothing for a signal that has aborted', async () => {
    const kube = createMemoryCluster([aSecret('a')]);

    await expect(
      kube.request({ method: 'DELETE', path: `${secrets}/a`, signal: AbortSignal.abort(new Error('deadline')) }),
    ).rejects.toThrow('deadline');
    expect(kube.objects('v1', 'Secret')).toHaveLength(1);
  });

  it('takes in kinds that it does not know, as their CRD would', async () => {
    const kube = createMemoryCluster([
      { apiVersion: 'example.com/v1', kind: 'Policy', metadata: { name: 'p', namespace: 'payments' } },
    ]);

    await expect(
      kube.request({ method: 'GET', path: '/apis/example.com/v1/namespaces/payments/policies/p' }),
    ).resolves.toMatchObject({ kind: 'Policy' });
  });

  it.each([
    ['DELETE', apiPath(CONFIG_MAPS, { namespace: 'payments' }), undefined, 501],
    ['POST', apiPath(PODS, { namespace: 'payments', name: 'p', subresource: 'eviction' }), undefined, 501],
    ['PATCH', `${secrets}/a`, 'application/cbor', 415],
    ['PUT', secrets, undefined, 405],
  ] as const)('refuses %s %s clearly', async (method, path, contentType, status) => {
    const kube = createMemoryCluster([aSecret('a')]);
    const type = contentType === undefined ? {} : { contentType };

    expect(await kubeFailure(kube.request({ method, path, body: {}, ...type }))).toMatchObject({ status });
  });
});
