import { describe, expect, it } from 'vitest';
import { createOwnerLookup } from '../../../src/admission/owner-lookup.ts';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';
import { aController, aPod } from '../../support/a-pod.ts';
import { fakeKube } from '../../support/fake-kube.ts';

const CALL = { signal: new AbortController().signal };
const TTL_MS = 30_000;

function object(apiVersion: string, kind: string, name: string, rest: object = {}) {
  return { apiVersion, kind, metadata: { namespace: 'payments', name, uid: `uid-of-${name}`, ...rest } };
}

/** The controller's reference that stands on what `kind` `name` made. */
function madeBy(kind: string, name: string, apiVersion = 'apps/v1') {
  return { ownerReferences: [aController(kind, name, `uid-of-${name}`, apiVersion)] };
}

function podOf(kind: string, name: string, apiVersion = 'apps/v1', labels?: Readonly<Record<string, string>>) {
  return viewPod(aPod({ ...madeBy(kind, name, apiVersion), ...(labels && { labels }) }));
}

function scene(...manifests: readonly object[]) {
  const requests: KubeRequest[] = [];
  const client = createMemoryCluster(manifests, { onRequest: (request) => void requests.push(request) });
  return { owners: createOwnerLookup({ client, ttlMs: TTL_MS, now: () => 1 }), requests };
}

const ANNOTATIONS = { annotations: { 'latchkey.dev/store': 'aws', 'other.dev/x': 'y' } };
const KEPT = { 'latchkey.dev/store': 'aws' };

describe('the owner of a Pod', () => {
  it('is its ReplicaSet, which carries the annotations of the Deployment', async () => {
    const { owners, requests } = scene(
      object('apps/v1', 'ReplicaSet', 'api-7d4', { ...madeBy('Deployment', 'api'), ...ANNOTATIONS }),
    );

    const workload = await owners.find('payments', podOf('ReplicaSet', 'api-7d4'), CALL);

    expect(workload).toEqual({
      owner: {
        kind: 'object',
        object: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-7d4', uid: 'uid-of-api-7d4' },
      },
      sources: [{ where: 'Deployment "api"', level: 'workload', annotations: KEPT }],
    });
    expect(requests).toHaveLength(1);
  });

  it('is its Job, with the annotations of Job and CronJob', async () => {
    const { owners } = scene(
      object('batch/v1', 'CronJob', 'report', ANNOTATIONS),
      object('batch/v1', 'Job', 'report-1', { ...madeBy('CronJob', 'report', 'batch/v1'), ...ANNOTATIONS }),
    );

    const workload = await owners.find('payments', podOf('Job', 'report-1', 'batch/v1'), CALL);

    expect(workload.owner).toMatchObject({ object: { kind: 'Job', name: 'report-1' } });
    expect(workload.sources.map(({ where }) => where)).toEqual(['Job "report-1"', 'CronJob "report"']);
  });

  it.each([
    ['StatefulSet', 'db-6c9', 'db-6c9'],
    ['DaemonSet', '6c9', 'db-6c9'],
  ])('is the ControllerRevision of its %s that its label names', async (kind, label, revision) => {
    const { owners } = scene(
      object('apps/v1', kind, 'db', ANNOTATIONS),
      object('apps/v1', 'ControllerRevision', revision, madeBy(kind, 'db')),
    );

    const workload = await owners.find(
      'payments',
      podOf(kind, 'db', 'apps/v1', { 'controller-revision-hash': label }),
      CALL,
    );

    expect(workload.owner).toMatchObject({ object: { kind: 'ControllerRevision', uid: 'uid-of-db-6c9' } });
    expect(workload.sources).toEqual([{ where: `${kind} "db"`, level: 'workload', annotations: KEPT }]);
  });

  it('is a Lease for a Pod of a StatefulSet without that label, which keeps its annotations', async () => {
    const { owners } = scene(object('apps/v1', 'StatefulSet', 'db', ANNOTATIONS));

    const workload = await owners.find('payments', podOf('StatefulSet', 'db'), CALL);

    expect(workload.owner).toEqual({ kind: 'lease' });
    expect(workload.sources).toHaveLength(1);
  });

  it.each([
    ['a bare Pod', aPod()],
    ['a Pod of a kind that is not read', aPod(madeBy('Workflow', 'w', 'argoproj.io/v1'))],
    ['a Pod of a ReplicaSet of another group', aPod(madeBy('ReplicaSet', 'x', 'example.com/v1'))],
    ['a mirror Pod', aPod({ ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }] })],
  ])('is a Lease for %s, without a request', async (_title, pod) => {
    const { owners, requests } = scene();

    const workload = owners.cached('payments', viewPod(pod));

    expect(workload).toEqual({ owner: { kind: 'lease' }, sources: [] });
    expect(await owners.find('payments', viewPod(pod), CALL)).toEqual(workload);
    expect(requests).toEqual([]);
  });

  it.each([
    ['does not exist', []],
    ['has another uid', [object('apps/v1', 'ReplicaSet', 'api-7d4', { uid: 'newer' })]],
    ['is in another namespace', [object('apps/v1', 'ReplicaSet', 'api-7d4', { namespace: 'other' })]],
  ])('is refused where the one it names %s', async (_title, manifests) => {
    const { owners } = scene(...manifests);

    await expect(owners.find('payments', podOf('ReplicaSet', 'api-7d4'), CALL)).rejects.toMatchObject({
      code: 'OWNER_INVALID',
    });
  });

  it.each([
    ['does not exist', []],
    ['belongs to another', [object('apps/v1', 'ControllerRevision', 'x-1', madeBy('StatefulSet', 'other'))]],
    ['belongs to nobody', [object('apps/v1', 'ControllerRevision', 'x-1')]],
  ])('is refused where the ControllerRevision that its label names %s', async (_title, manifests) => {
    const { owners } = scene(object('apps/v1', 'StatefulSet', 'db'), ...manifests);
    const pod = podOf('StatefulSet', 'db', 'apps/v1', { 'controller-revision-hash': 'x-1' });

    await expect(owners.find('payments', pod, CALL)).rejects.toMatchObject({ code: 'OWNER_INVALID' });
  });

  it.each(['..', '.', '', 'a/b'])('is refused where it is named %j', async (name) => {
    const { owners } = scene(object('apps/v1', 'ReplicaSet', 'api-7d4'));

    await expect(owners.find('payments', podOf('ReplicaSet', name), CALL)).rejects.toMatchObject({
      name: 'LatchkeyError',
    });
  });

  it('is a Lease where we may not read that kind', async () => {
    const owners = createOwnerLookup({ client: fakeKube(() => 403), ttlMs: TTL_MS, now: () => 1 });

    expect(await owners.find('payments', podOf('ReplicaSet', 'api-7d4'), CALL)).toEqual({
      owner: { kind: 'lease' },
      sources: [],
    });
  });

  it.each([500, 503, 0])('is unknown where the API server answers %i, and is asked for again', async (status) => {
    const client = fakeKube(() => status || { not: 'an object' });
    const owners = createOwnerLookup({ client, ttlMs: TTL_MS, now: () => 1 });
    const pod = podOf('ReplicaSet', 'api-7d4');

    const first = owners.find('payments', pod, CALL);
    await expect(first).rejects.toMatchObject({ name: 'LatchkeyError' });
    await expect(owners.find('payments', pod, CALL)).rejects.toMatchObject({ name: 'LatchkeyError' });

    expect(client.requests).toHaveLength(2);
  });
});

describe('looking owners up', () => {
  it('asks once for many Pods of one revision', async () => {
    const { owners, requests } = scene(object('apps/v1', 'ReplicaSet', 'api-7d4'));
    const pod = podOf('ReplicaSet', 'api-7d4');

    await Promise.all([1, 2, 3].map(() => owners.find('payments', pod, CALL)));

    expect(requests).toHaveLength(1);
    expect(owners.cached('payments', pod)).toMatchObject({ owner: { kind: 'object' } });
  });

  it('knows nothing that it was not asked for', async () => {
    const { owners } = scene(object('apps/v1', 'ReplicaSet', 'api-7d4'));
    await owners.find('payments', podOf('ReplicaSet', 'api-7d4'), CALL);

    const others = [
      owners.cached('other', podOf('ReplicaSet', 'api-7d4')),
      owners.cached('payments', podOf('ReplicaSet', 'api-7d4', 'apps/v1', { 'controller-revision-hash': 'x' })),
      owners.cached('payments', viewPod(aPod({ ownerReferences: [aController('ReplicaSet', 'api-7d4', 'newer')] }))),
    ];

    expect(others).toEqual([undefined, undefined, undefined]);
  });

  it('stops waiting when the admission ends', async () => {
    const client = { ...fakeKube(() => 500), request: () => new Promise<never>(() => undefined) };
    const owners = createOwnerLookup({ client, ttlMs: TTL_MS, now: () => 1 });
    const admission = new AbortController();

    const found = owners.find('payments', podOf('ReplicaSet', 'api-7d4'), { signal: admission.signal });
    admission.abort();

    await expect(found).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });
});
