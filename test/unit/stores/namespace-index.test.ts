import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { createNamespaceIndex } from '../../../src/stores/namespace-index.ts';
import { createFakeClock, settle } from '../../support/fake-clock.ts';

const IN_TIME = new AbortController().signal;

function aNamespace(inject?: string) {
  const labels = inject === undefined ? {} : { 'latchkey.dev/inject': inject };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments', labels, annotations: { team: 'a' } } };
}

async function indexOf(...manifests: readonly unknown[]) {
  const gets: KubeRequest[] = [];
  const client = createMemoryCluster(manifests, {
    onRequest(request) {
      if (request.query === undefined) gets.push(request);
    },
  });
  const index = createNamespaceIndex({ client, log: pino({ level: 'silent' }), clock: createFakeClock() });
  onTestFinished(() => index.stop());
  await index.synced;
  return { index, client, gets };
}

describe('createNamespaceIndex', () => {
  it('knows labels and annotations', async () => {
    const { index } = await indexOf(aNamespace('enabled'));

    expect(index.get('payments')).toMatchObject({
      name: 'payments',
      labels: { 'latchkey.dev/inject': 'enabled' },
      annotations: { team: 'a' },
    });
    expect(index.get('other')).toBeUndefined();
  });

  it.each([
    ['enabled', true],
    ['disabled', false],
    ['true', false],
    [undefined, false],
  ])('takes the label value %s for opted in: %s', async (inject, expected) => {
    const { index } = await indexOf(aNamespace(inject));

    const namespace = index.get('payments');

    expect(namespace !== undefined && index.isOptedIn(namespace)).toBe(expected);
  });

  it('does not ask about one that it knows as opted in', async () => {
    const { index, gets } = await indexOf(aNamespace('enabled'));

    const found = await index.find('payments', IN_TIME);

    expect(found).toMatchObject({ name: 'payments' });
    expect(gets).toEqual([]);
  });

  it('finds the label that was set just now', async () => {
    const { index, client } = await indexOf(aNamespace());
    client.seed(aNamespace('enabled'));

    const found = await index.find('payments', IN_TIME);

    expect(found !== undefined && index.isOptedIn(found)).toBe(true);
  });

  it('tells who listens of every Namespace that came, changed or went, until they stop', async () => {
    const { index, client } = await indexOf(aNamespace());
    const heard: string[] = [];
    const path = '/api/v1/namespaces/payments';
    const change = (team: string) =>
      client.request({
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: { metadata: { labels: { team } } },
      });

    const stop = index.onChange((name) => heard.push(`${name} ${index.get(name)?.labels['team'] ?? 'gone'}`));
    await change('a');
    client.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'orders', labels: { team: 'b' } } });
    await client.request({ method: 'DELETE', path });
    await settle();
    stop();
    client.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'late' } });
    await settle();

    expect(heard).toEqual(['payments a', 'orders b', 'payments gone']);
    expect([...index.values()].map(({ name }) => name)).toEqual(['orders', 'late']);
  });
});
