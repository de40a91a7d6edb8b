import { describe, expect, it } from 'vitest';
import { createOwnerLookup } from '../../../src/admission/owner-lookup.ts';
import { expandWorkload, WORKLOAD_KINDS } from '../../../src/commands/expand-workload.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';

const CALL = { signal: new AbortController().signal };
const ANNOTATIONS = { 'latchkey.dev/store': 'aws' };
const TEMPLATE = {
  metadata: { labels: { app: 'api' }, annotations: { team: 'a' } },
  spec: { serviceAccountName: 'api', containers: [{ name: 'api', image: 'x' }] },
};

function aWorkload(kind: string, spec: object = { template: TEMPLATE }) {
  const apiVersion = kind.endsWith('Job') ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { namespace: 'payments', name: 'api', annotations: ANNOTATIONS }, spec };
}

describe('expandWorkload', () => {
  it.each([
    ['Deployment', undefined, 'ReplicaSet', ['Deployment "api"']],
    ['ReplicaSet', undefined, 'ReplicaSet', ['ReplicaSet "api"']],
    ['StatefulSet', undefined, 'ControllerRevision', ['StatefulSet "api"']],
    ['DaemonSet', undefined, 'ControllerRevision', ['DaemonSet "api"']],
    ['Job', undefined, 'Job', ['Job "api"']],
    ['CronJob', { jobTemplate: { spec: { template: TEMPLATE } } }, 'Job', ['Job "api-1"', 'CronJob "api"']],
  ])('makes of a %s what an admission finds above its Pod', async (kind, spec, owner, sources) => {
    const { pod, above, title } = expandWorkload(aWorkload(kind, spec));

    const lookup = createOwnerLookup({ client: createMemoryCluster(above), ttlMs: 1000, now: () => 1 });
    const workload = await lookup.find('payments', viewPod(pod), CALL);

    expect(title).toBe(`${kind} payments/api`);
    expect(workload.owner).toMatchObject({ kind: 'object', object: { kind: owner } });
    expect(workload.sources.map(({ where }) => where)).toEqual(sources);
    expect(workload.sources.at(-1)?.annotations).toEqual(ANNOTATIONS);
    expect(pod).toMatchObject({
      metadata: { namespace: 'payments', labels: { app: 'api' }, annotations: { team: 'a' } },
      spec: TEMPLATE.spec,
    });
  });

  it('leaves a Pod as it is, in the namespace default where it names none', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec: {} };

    const expanded = expandWorkload(pod);

    expect(expanded).toMatchObject({ title: 'Pod default/one', namespace: 'default', above: [], pod });
  });

  it('names and numbers the same manifest the same each time', () => {
    const workload = aWorkload('Deployment');

    expect(expandWorkload(workload)).toEqual(expandWorkload(structuredClone(workload)));
  });

  it.each([...WORKLOAD_KINDS])('takes a %s without anything in it', (kind) => {
    const empty = { apiVersion: 'v1', kind, metadata: { name: 'api' } };

    expect(expandWorkload(empty).pod).toMatchObject({ kind: 'Pod', metadata: { namespace: 'default' } });
  });
});
