import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { apiPath, MUTATING_WEBHOOKS, SECRETS } from '../../../src/kube/paths.ts';
import {
  applyObject,
  type ApplyOptions,
  isNameTaken,
  jsonPatch,
  mergePatch,
  strategicMergePatch,
} from '../../../src/kube/server-side-apply.ts';
import { kubeFailure } from '../../support/kube-failure.ts';

const { signal } = new AbortController();
const PATH = apiPath(SECRETS, { namespace: 'payments', name: 'lk-1' });
const LEASE_OWNER = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'lk-1', uid: 'lease-uid' };
const POD_OWNER = { apiVersion: 'v1', kind: 'Pod', name: 'api-0', uid: 'pod-uid' };

function setUp(manifests: readonly unknown[] = []) {
  const requests: KubeRequest[] = [];
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } };
  const kube = createMemoryCluster([namespace, ...manifests], {
    onRequest: (request) => {
      requests.push(request);
    },
  });
  return {
    kube,
    requests,
    stored: () => kube.find('v1', 'Secret', 'payments', 'lk-1'),
    apply: (rest: object, options: Partial<ApplyOptions> = {}) =>
      applyObject(kube, PATH, aSecret(rest), { fieldManager: 'latchkey', signal, ...options }),
  };
}

function aSecret(rest: object = {}, metadata: object = {}) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'lk-1', namespace: 'payments', ...metadata }, ...rest };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('applyObject', () => {
  it('creates what does not exist, and asks for no data back', async () => {
    const { apply, stored, requests } = setUp();

    const answer = await apply({ data: { a: base64('1') } });

    expect(stored()).toMatchObject({ type: 'Opaque', data: { a: base64('1') } });
    expect(answer).not.toHaveProperty('data');
    expect(answer.metadata.uid).toBe(stored()?.metadata.uid);
    expect(requests[0]).toMatchObject({
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'latchkey', force: 'false' },
    });
  });

  it('updates its own fields, removes those it no longer names, and leaves the others', async () => {
    const { kube, apply, stored } = setUp();
    await apply({ data: { a: base64('1'), b: base64('2') } });
    const labels = { metadata: { labels: { team: 'red' } } };
    await mergePatch(kube, PATH, labels, { signal, fieldManager: 'somebody' });

    await apply({ data: { a: base64('changed') } });

    expect(stored()).toMatchObject({ data: { a: base64('changed') }, metadata: { labels: { team: 'red' } } });
    expect(stored()?.['data']).toEqual({ a: base64('changed') });
  });

  it('writes nothing the second time', async () => {
    const { apply, stored } = setUp();
    await apply({ data: { a: base64('1') } });
    const before = stored();

    await apply({ data: { a: base64('1') } });

    expect(stored()).toEqual(before);
  });

  it.each([
    [
      'another manager applied',
      async (set: ReturnType<typeof setUp>) => set.apply({ data: { a: base64('0') } }, { fieldManager: 'other' }),
    ],
    [
      'the same manager created with POST',
      async ({ kube }: ReturnType<typeof setUp>) =>
        kube.request({
          method: 'POST',
          path: apiPath(SECRETS, { namespace: 'payments' }),
          query: { fieldManager: 'latchkey' },
          body: aSecret({ data: { a: base64('0') } }),
        }),
    ],
    [
      'a manifest brought',
      async ({ kube }: ReturnType<typeof setUp>) => kube.seed(aSecret({ data: { a: base64('0') } })),
    ],
  ])('is refused for a field that %s with another value', async (_, prepare) => {
    const set = setUp();
    await prepare(set);

    const error = await kubeFailure(set.apply({ data: { a: base64('1') } }));

    expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
    expect(error.message).toContain('.data.a');
    expect(set.stored()).toMatchObject({ data: { a: base64('0') } });
  });

  it('shares a field of equal value, which then outlives either manager', async () => {
    const { apply, stored } = setUp();
    await apply({ data: { a: base64('1') } });
    await apply({ data: { a: base64('1') } }, { fieldManager: 'other' });

    await apply({ data: {} });

    expect(stored()).toMatchObject({ data: { a: base64('1') } });
  });

  it('takes a field over with force, after which the loser conflicts', async () => {
    const { apply, stored } = setUp();
    await apply({ data: { a: base64('1') } }, { fieldManager: 'other' });

    await apply({ data: { a: base64('2') } }, { force: true });
    const error = await kubeFailure(apply({ data: { a: base64('1') } }, { fieldManager: 'other' }));

    expect(error.status).toBe(409);
    expect(stored()).toMatchObject({ data: { a: base64('2') } });
  });

  it('merges owners by uid', async () => {
    const { kube, stored } = setUp();
    const owned = aSecret({}, { ownerReferences: [LEASE_OWNER] });
    await applyObject(kube, PATH, owned, { fieldManager: 'latchkey', signal });
    await strategicMergePatch(kube, PATH, { metadata: { ownerReferences: [POD_OWNER] } }, { signal });

    await applyObject(kube, PATH, owned, { fieldManager: 'latchkey', signal });

    expect(stored()?.metadata.ownerReferences).toEqual([POD_OWNER, LEASE_OWNER]);
  });

  it('stores nothing in a dry run', async () => {
    const { apply, stored } = setUp();

    await apply({ data: { a: base64('1') } }, { dryRun: true });

    expect(stored()).toBeUndefined();
  });

  it('writes one field of a named list item and leaves the rest of it', async () => {
    const path = apiPath(MUTATING_WEBHOOKS, { name: 'latchkey' });
    const type = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' };
    const { kube } = setUp([
      { ...type, metadata: { name: 'latchkey' }, webhooks: [{ name: 'pods.latchkey.dev', failurePolicy: 'Fail' }] },
    ]);
    const webhooks = [{ name: 'pods.latchkey.dev', clientConfig: { caBundle: 'Q0E=' } }];

    await applyObject(
      kube,
      path,
      { ...type, metadata: { name: 'latchkey' }, webhooks },
      { fieldManager: 'latchkey', signal },
    );

    expect(kube.find(type.apiVersion, type.kind, undefined, 'latchkey')).toMatchObject({
      webhooks: [{ name: 'pods.latchkey.dev', failurePolicy: 'Fail', clientConfig: { caBundle: 'Q0E=' } }],
    });
  });
});

describe('the other patches', () => {
  it('removes an owner by uid with a strategic merge patch', async () => {
    const { kube, stored } = setUp([aSecret({}, { ownerReferences: [LEASE_OWNER, POD_OWNER] })]);
    const ownerReferences = [{ $patch: 'delete', uid: LEASE_OWNER.uid }];

    await strategicMergePatch(kube, PATH, { metadata: { ownerReferences } }, { signal });

    expect(stored()?.metadata.ownerReferences).toEqual([POD_OWNER]);
  });

  it('removes with null in a merge patch, on the version that was read', async () => {
    const { kube, stored } = setUp([aSecret({ data: { a: base64('1'), b: base64('2') } })]);
    const { resourceVersion } = stored()?.metadata ?? {};

    await mergePatch(kube, PATH, { metadata: { resourceVersion }, data: { a: null } }, { signal });
    const stale = await kubeFailure(
      mergePatch(kube, PATH, { metadata: { resourceVersion }, data: { b: null } }, { signal }),
    );

    expect(stored()?.['data']).toEqual({ b: base64('2') });
    expect(stale).toMatchObject({ status: 409, reason: 'Conflict' });
  });

  it('changes nothing when the test of a JSON patch fails', async () => {
    const { kube, stored } = setUp([aSecret({ data: { 'a.b': base64('1') } })]);
    const replace = { op: 'replace', path: '/data/a.b', value: base64('2') };

    const failed = await kubeFailure(
      jsonPatch(kube, PATH, [{ op: 'test', path: '/data/a.b', value: base64('0') }, replace], { signal }),
    );
    await jsonPatch(kube, PATH, [{ op: 'test', path: '/data/a.b', value: base64('1') }, replace], { signal });

    expect(failed).toMatchObject({ status: 422, reason: 'Invalid' });
    expect(stored()?.['data']).toEqual({ 'a.b': base64('2') });
  });
});

describe('isNameTaken', () => {
  it('asks with a dry-run create', async () => {
    const { kube, stored } = setUp();
    const collection = apiPath(SECRETS, { namespace: 'payments' });

    const before = await isNameTaken(kube, collection, aSecret(), { signal });
    expect(stored()).toBeUndefined();
    kube.seed(aSecret());
    const after = await isNameTaken(kube, collection, aSecret(), { signal });

    expect([before, after]).toEqual([false, true]);
  });

  it('does not mistake a refusal for an answer', async () => {
    const { kube } = setUp();
    const nowhere = apiPath(SECRETS, { namespace: 'nowhere' });

    await expect(isNameTaken(kube, nowhere, aSecret({}, { namespace: 'nowhere' }), { signal })).rejects.toMatchObject({
      status: 404,
    });
  });
});
