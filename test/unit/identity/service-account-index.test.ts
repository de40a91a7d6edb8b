import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServiceAccountIndex } from '../../../src/identity/service-account-index.ts';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const IN_TIME = new AbortController().signal;
const API = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'payments', name: 'api', uid: 'uid-1', annotations: { 'eks.amazonaws.com/role-arn': 'arn' } },
};
const FACTS = {
  namespace: 'payments',
  name: 'api',
  uid: 'uid-1',
  annotations: { 'eks.amazonaws.com/role-arn': 'arn' },
};

async function indexOf(...manifests: readonly unknown[]) {
  const gets: KubeRequest[] = [];
  const client = createMemoryCluster(manifests, {
    onRequest(request) {
      if (request.query === undefined) gets.push(request);
    },
  });
  const index = createServiceAccountIndex({ client, log: pino({ level: 'silent' }), clock: createFakeClock() });
  onTestFinished(() => index.stop());
  await index.synced;
  return { index, client, gets };
}

describe('createServiceAccountIndex', () => {
  it('knows uid and annotations', async () => {
    const { index } = await indexOf(API);

    expect(index.get('payments', 'api')).toEqual(FACTS);
  });

  it('does not ask about what it knows', async () => {
    const { index, gets } = await indexOf(API);

    const found = await index.find('payments', 'api', IN_TIME);

    expect(found).toEqual(FACTS);
    expect(gets).toEqual([]);
  });

  it('finds one that was created just now', async () => {
    const { index, client, gets } = await indexOf();
    client.seed(API);

    const found = await index.find('payments', 'api', IN_TIME);

    expect(found).toEqual(FACTS);
    expect(gets).toHaveLength(1);
  });

  it('says when there is none', async () => {
    const { index } = await indexOf(API);

    const found = await index.find('payments', 'job', IN_TIME);

    expect(found).toBeUndefined();
  });
});
