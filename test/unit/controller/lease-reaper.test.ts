import { describe, expect, it } from 'vitest';
import { createLeaseReaper } from '../../../src/controller/lease-reaper.ts';
import type { PodClaim } from '../../../src/controller/pod-index.ts';
import type { KubeRequest } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/kube-object.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { apiPath, LEASES } from '../../../src/kube/paths.ts';
import { mergePatch } from '../../../src/kube/server-side-apply.ts';
import { captureLog } from '../../support/captured-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const CALL = { signal: new AbortController().signal };
const DURATION_MS = 900_000;
const GRACE_MS = 35_000;

function nameOf(number: number): string {
  return `lk-${number.toString(16).padStart(32, '0')}`;
}

function aLease(
  number: number,
  spec: object = { renewTime: '2026-11-22T05:00:00.000000Z', leaseDurationSeconds: 900 },
) {
  const metadata = {
    namespace: 'payments',
    name: nameOf(number),
    labels: { 'app.kubernetes.io/managed-by': 'latchkey' },
  };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

/** A stored Pod that says it uses the Secret of that Lease. */
function aPodOf(number: number, name: string, labels: object = { 'latchkey.dev/injected': 'true' }) {
  const plan = { v: 1, secrets: [{ name: nameOf(number), owner: 'lease', keys: {} }] };
  const annotations = { 'latchkey.dev/plan': JSON.stringify(plan) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'payments', name, labels, annotations }, spec: {} };
}

interface SceneSettings {
  readonly onKeep?: (name: string) => void | Promise<void>;
}

function scene(manifests: readonly object[], { onKeep }: SceneSettings = {}) {
  const clock = createFakeClock();
  const requests: KubeRequest[] = [];
  const client = createMemoryCluster(manifests, { clock, onRequest: (request) => void requests.push(request) });
  const kept: string[] = [];
  const scheduled: [namespace: string, ms: number][] = [];
  const reaper = createLeaseReaper({
    client,
    keeper: {
      async keep(_namespace: string, name: string, pods: readonly PodClaim[]) {
        await onKeep?.(name);
        kept.push(`${name.slice(-1)}: ${pods.map((pod) => pod.name).join(' ')}`);
        return {};
      },
    },
    clock,
    log: captureLog().log,
    schedule: (namespace, ms) => void scheduled.push([namespace, ms]),
  });
  const leases = (): readonly KubeObject[] => client.objects('coordination.k8s.io/v1', 'Lease');
  for (const lease of leases()) reaper.onUpsert(lease);
  return {
    clock,
    client,
    reaper,
    kept,
    scheduled,
    requests,
    left: () => leases().map(({ metadata }) => metadata.name.slice(-1)),
    async renew(number: number) {
      const path = apiPath(LEASES, { namespace: 'payments', name: nameOf(number) });
      reaper.onUpsert(
        await mergePatch(
          client,
          path,
          { spec: { renewTime: '2026-11-22T06:00:00.000000Z' } },
          { ...CALL, metadataOnlyAnswer: false },
        ),
      );
    },
  };
}

describe('an expired Lease', () => {
  it('is waited for until a Pod that it was made for is stored or never will be', () => {
    const { scheduled } = scene([aLease(1)]);

    expect(scheduled).toEqual([['payments', DURATION_MS + GRACE_MS]]);
  });

  it('goes when no Pod uses its Secret', async () => {
    const { reaper, clock, left, kept } = scene([aLease(1)]);
    await clock.advance(DURATION_MS + GRACE_MS);

    expect(await reaper.reap('payments', CALL)).toEqual({});
    expect([left(), kept]).toEqual([[], []]);
  });

  it('goes after its Pods own the Secret', async () => {
    const { reaper, clock, left, kept } = scene([aLease(1), aPodOf(1, 'a'), aPodOf(1, 'b'), aPodOf(2, 'other')]);
    await clock.advance(DURATION_MS + GRACE_MS);

    await reaper.reap('payments', CALL);

    expect([left(), kept]).toEqual([[], ['1: a b']]);
  });

  it('stays where its Pods could not become owners, and keeps no other from going', async () => {
    const failure = new Error('not now');
    const onKeep = (name: string) => (name === nameOf(1) ? Promise.reject(failure) : Promise.resolve());
    const { reaper, clock, left } = scene([aLease(1), aLease(2), aPodOf(1, 'a'), aPodOf(2, 'b')], { onKeep });
    await clock.advance(DURATION_MS + GRACE_MS);

    await expect(reaper.reap('payments', CALL)).rejects.toBe(failure);
    expect(left()).toEqual(['1']);
  });

  it('stays until its time, which the answer names', async () => {
    const later = aLease(2, { renewTime: '2026-11-22T05:10:00.000000Z', leaseDurationSeconds: 900 });
    const { reaper, clock, left } = scene([aLease(1), later]);
    await clock.advance(DURATION_MS + GRACE_MS);

    expect(await reaper.reap('payments', CALL)).toEqual({ again: 600_000 });
    expect(left()).toEqual(['2']);
  });

  it('waits for others, so that the Pods are not listed for each alone', async () => {
    const soon = aLease(2, { renewTime: '2026-11-22T05:00:01.000000Z', leaseDurationSeconds: 900 });
    const { reaper, clock } = scene([aLease(1), soon]);
    await clock.advance(DURATION_MS + GRACE_MS);

    expect(await reaper.reap('payments', CALL)).toEqual({ again: 10_000 });
  });

  it('stays, and stays known, where it was renewed while it was being released', async () => {
    const world = scene([aLease(1), aPodOf(1, 'a')], { onKeep: () => world.renew(1) });
    await world.clock.advance(DURATION_MS + GRACE_MS);

    await world.reaper.reap('payments', CALL);
    const left = world.left();
    await world.clock.advance(2 * 3_600_000);
    await world.reaper.reap('payments', CALL);

    expect([left, world.left()]).toEqual([['1'], []]);
  });

  it('is forgotten with the news that it is gone', async () => {
    const { reaper, clock, requests } = scene([aLease(1)]);
    reaper.onDelete({ namespace: 'payments', name: nameOf(1), uid: 'u' });
    await clock.advance(DURATION_MS + GRACE_MS);

    expect(await reaper.reap('payments', CALL)).toEqual({});
    expect(requests).toEqual([]);
  });

  it('goes only as it was seen', async () => {
    const { reaper, clock, requests } = scene([aLease(1)]);
    await clock.advance(DURATION_MS + GRACE_MS);

    await reaper.reap('payments', CALL);

    expect(requests.at(-1)).toMatchObject({
      method: 'DELETE',
      body: { preconditions: { uid: expect.any(String), resourceVersion: expect.any(String) } },
    });
  });

  it('is looked at with Pods listed afresh, of our label only, without their specs', async () => {
    const { reaper, clock, requests, kept } = scene([aLease(1), aPodOf(1, 'unmarked', {})]);
    await clock.advance(DURATION_MS + GRACE_MS);

    await reaper.reap('payments', CALL);

    expect(kept).toEqual([]);
    expect(requests[0]).toMatchObject({ method: 'GET', query: { labelSelector: 'latchkey.dev/injected=true' } });
    expect(requests[0]?.query).not.toHaveProperty('resourceVersion');
    expect(requests[0]?.accept).toContain('PartialObjectMetadataList');
  });

  it('is one of many', async () => {
    const { reaper, clock, left } = scene(Array.from({ length: 100 }, (_, index) => aLease(index)));
    await clock.advance(DURATION_MS + GRACE_MS);

    await reaper.reap('payments', CALL);

    expect(left()).toEqual([]);
  });

  it.each([{}, { leaseDurationSeconds: 900 }, { renewTime: '2026-11-22T05:00:00.000000Z' }])(
    'is none of ours where its time is %j',
    async (spec) => {
      const { reaper, clock, left, scheduled } = scene([aLease(1, spec)]);
      await clock.advance(365 * 24 * 3_600_000);

      await reaper.reap('payments', CALL);

      expect([left(), scheduled]).toEqual([['1'], []]);
    },
  );

  it('is none of ours where its name is not that of a Secret of ours', async () => {
    const lease = aLease(1);
    const { reaper, clock, client } = scene([
      { ...lease, metadata: { ...lease.metadata, name: 'latchkey-controller' } },
    ]);
    await clock.advance(DURATION_MS + GRACE_MS);

    await reaper.reap('payments', CALL);

    expect(client.objects('coordination.k8s.io/v1', 'Lease')).toHaveLength(1);
  });

  it('is of its namespace alone', async () => {
    const { reaper, clock, left } = scene([aLease(1)]);
    await clock.advance(DURATION_MS + GRACE_MS);

    await reaper.reap('other', CALL);

    expect(left()).toEqual(['1']);
  });
});
