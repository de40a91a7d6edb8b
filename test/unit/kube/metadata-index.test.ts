import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KubeError, type KubeRequest, METADATA_ONLY } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { createMetadataIndex } from '../../../src/kube/metadata-index.ts';
import { apiPath, SECRETS } from '../../../src/kube/paths.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const IN_TIME = new AbortController().signal;

function aSecret(name: string, annotations: Record<string, string> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'payments', annotations },
    data: { a: 'eA==' },
  };
}

/** An index over Secrets, which holds nothing of them but metadata. */
async function indexOf(
  manifests: readonly unknown[],
  onGet: (request: KubeRequest) => void | Promise<void> = () => {},
) {
  const gets: KubeRequest[] = [];
  const clock = createFakeClock();
  const client = createMemoryCluster(manifests, {
    async onRequest(request) {
      if (request.query !== undefined) return;
      gets.push(request);
      await onGet(request);
    },
  });
  const index = createMetadataIndex({
    client,
    resource: SECRETS,
    kind: 'Secret',
    toFacts: ({ name }, annotations) => ({ name, annotations }),
    log: pino({ level: 'silent' }),
    clock,
  });
  onTestFinished(() => index.stop());
  await index.synced;
  return { index, client, clock, gets };
}

describe('createMetadataIndex', () => {
  it('keeps what is wanted of the metadata, without the copy that kubectl apply leaves behind', async () => {
    const { index } = await indexOf([aSecret('db', { team: 'a', [LAST_APPLIED]: '{"data":{"a":"eA=="}}' })]);

    expect(index.isSynced()).toBe(true);
    expect(index.get('payments', 'db')).toEqual({ name: 'db', annotations: { team: 'a' } });
    expect(index.get('payments', 'other')).toBeUndefined();
  });

  it('follows changes', async () => {
    const { index, client, clock } = await indexOf([]);

    client.seed(aSecret('db', { team: 'a' }));
    await clock.advance(0);

    expect(index.get('payments', 'db')).toEqual({ name: 'db', annotations: { team: 'a' } });
  });

  it('asks for the metadata only of an object that the watch has not brought', async () => {
    const { index, gets } = await indexOf([aSecret('db')]);

    const found = await index.fetch('payments', 'db', IN_TIME);

    expect(found).toEqual({ name: 'db', annotations: {} });
    expect(gets).toMatchObject([
      { path: apiPath(SECRETS, { namespace: 'payments', name: 'db' }), accept: METADATA_ONLY },
    ]);
  });

  it('asks once for what many want at the same time, and again after a second', async () => {
    const { index, client, clock, gets } = await indexOf([]);

    const first = await Promise.all([1, 2, 3].map(() => index.fetch('payments', 'db', IN_TIME)));
    client.seed(aSecret('db'));
    const tooSoon = await index.fetch('payments', 'db', IN_TIME);
    await clock.advance(1000);
    const later = await index.fetch('payments', 'db', IN_TIME);

    expect([...first, tooSoon]).toEqual([undefined, undefined, undefined, undefined]);
    expect(later).toMatchObject({ name: 'db' });
    expect(gets).toHaveLength(2);
  });

  it('never takes a failure for absence', async () => {
    const { index } = await indexOf([], () => {
      throw new KubeError(403, 'Forbidden', 'no');
    });

    const failure = index.fetch('payments', 'db', IN_TIME);

    await expect(failure).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });

  it('lets a waiter go whose time is over', async () => {
    const { index } = await indexOf([], () => new Promise(() => {}));
    const deadline = new AbortController();

    const failure = index.fetch('payments', 'db', deadline.signal);
    deadline.abort();

    await expect(failure).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });

  it('refuses a flood of unknown names', async () => {
    const { index, gets } = await indexOf([], () => new Promise(() => {}));
    const deadline = new AbortController();
    const flood = Array.from({ length: 8 + 256 }, (_, at) => index.fetch('payments', `x${at}`, deadline.signal));

    const oneMore = index.fetch('payments', 'one-more', deadline.signal);

    await expect(oneMore).rejects.toMatchObject({ code: 'BUSY' });
    expect(gets).toHaveLength(8);
    deadline.abort();
    await Promise.allSettled(flood);
  });
});
