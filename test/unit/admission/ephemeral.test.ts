import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/admission/admission-request.ts';
import { newEphemeralContainers, verifyPod } from '../../../src/admission/ephemeral.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';
import { aContainer, aPod, type PodSettings } from '../../support/a-pod.ts';
import { fakeKube } from '../../support/fake-kube.ts';

const CALL = { signal: new AbortController().signal };

function anUpdate(pod: PodSettings) {
  return parseRequest({
    uid: 'u',
    namespace: 'payments',
    operation: 'UPDATE',
    subResource: 'ephemeralcontainers',
    resource: { group: '', resource: 'pods' },
    object: aPod(pod),
  });
}

describe('newEphemeralContainers', () => {
  it('finds those that were not there, with their places in the list', () => {
    const debug = (name: string) => aContainer(undefined, { name });
    const before = aPod({ ephemeralContainers: [debug('one')] });
    const after = aPod({ ephemeralContainers: [debug('one'), debug('two')] });

    const added = newEphemeralContainers(viewPod(after), before);

    expect(added.map(({ name, index, list }) => [name, index, list])).toEqual([['two', 1, 'ephemeralContainers']]);
  });

  it('takes all for new where there is no Pod before', () => {
    const after = aPod({ ephemeralContainers: [aContainer()] });

    expect(newEphemeralContainers(viewPod(after), null)).toHaveLength(1);
  });
});

describe('verifyPod', () => {
  const stored = aPod({ name: 'api-0', uid: 'uid-of-api-0' });

  it('makes the stored Pod the owner', async () => {
    const owner = await verifyPod(createMemoryCluster([stored]))(
      anUpdate({ name: 'api-0', uid: 'uid-of-api-0' }),
      CALL,
    );

    expect(owner).toEqual({
      kind: 'object',
      object: { apiVersion: 'v1', kind: 'Pod', name: 'api-0', uid: 'uid-of-api-0' },
    });
  });

  it.each([
    ['does not exist', { name: 'api-1', uid: 'uid-of-api-0' }],
    ['has another uid', { name: 'api-0', uid: 'other' }],
    ['has no uid', { name: 'api-0' }],
    ['has no name', { uid: 'uid-of-api-0' }],
  ])('refuses a Pod that %s', async (_title, claim) => {
    const verified = verifyPod(createMemoryCluster([stored]))(anUpdate(claim), CALL);

    await expect(verified).rejects.toMatchObject({ code: 'OWNER_INVALID' });
  });

  it('does not take an API server that fails for a Pod that is gone', async () => {
    const verified = verifyPod(fakeKube(() => 500))(anUpdate({ name: 'api-0', uid: 'u' }), CALL);

    await expect(verified).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });
});
