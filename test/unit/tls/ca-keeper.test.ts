import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isMapping } from '../../../src/fields.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { createCaKeeper } from '../../../src/tls/ca-keeper.ts';
import { caBundleOf, createCaReader } from '../../../src/tls/ca-secret.ts';
import { captureLog } from '../../support/captured-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const SIGNAL = new AbortController().signal;
const MINUTE_MS = 60_000;
const OWN_NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'latchkey-system' } };
const SECRET_PATH = '/api/v1/namespaces/latchkey-system/secrets/latchkey-ca';

function setUp({ leafLifetimeMs = 5 * MINUTE_MS } = {}) {
  const clock = createFakeClock();
  const captured = captureLog();
  const cluster = createMemoryCluster([OWN_NAMESPACE], { clock });
  const place = { kube: cluster, namespace: 'latchkey-system', name: 'latchkey-ca' };
  const published = { since: undefined as Date | undefined };
  return { clock, captured, cluster, place, published, newKeeper, keeper: newKeeper() };

  function newKeeper() {
    return createCaKeeper({
      place,
      clock,
      log: captured.log,
      caLifetimeMs: 60 * MINUTE_MS,
      leafLifetimeMs,
      spreadMs: MINUTE_MS,
      publishedSince: () => published.since,
    });
  }
}

function keysOf({ cluster }: Pick<ReturnType<typeof setUp>, 'cluster'>): readonly string[] {
  const secret = cluster.find('v1', 'Secret', 'latchkey-system', 'latchkey-ca');
  const data = isMapping(secret?.['data']) ? secret['data'] : {};
  return Object.keys(data).sort();
}

describe('certificate authority in its Secret', () => {
  it('is made where there is none, and read by replicas', async () => {
    const test = setUp();
    const readCa = createCaReader(test.place);

    const before = await readCa(SIGNAL);
    const rotation = await test.keeper.reconcile(SIGNAL);
    const after = await readCa(SIGNAL);

    expect(before).toBeUndefined();
    expect(after?.certificatePem).toBe(rotation.current.value.certificatePem);
    expect(keysOf(test)).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(test.cluster.find('v1', 'Secret', 'latchkey-system', 'latchkey-ca')).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': 'latchkey' },
        annotations: { 'latchkey.dev/current-since': '2026-11-22T05:00:00.000Z' },
      },
    });
  });

  it('publishes old and new together, switches, and drops the old one with its key', async () => {
    const { clock, published, keeper, ...test } = setUp();
    const states: string[] = [];
    await keeper.reconcile(SIGNAL);

    for (let minute = 0; minute <= 50; minute += 1) {
      published.since ??= clock.date();
      const keys = keysOf(test).join(' ');
      if (keys !== states.at(-1)) states.push(keys);
      await clock.advance(MINUTE_MS);
      await keeper.reconcile(SIGNAL);
    }

    expect(states).toEqual([
      'ca.crt tls.crt tls.key',
      'ca.crt next.crt next.key tls.crt tls.key',
      'ca.crt previous.crt tls.crt tls.key',
      'ca.crt tls.crt tls.key',
    ]);
  });

  it('does not switch while the new one is not known to be published', async () => {
    const { clock, keeper } = setUp();
    const first = await keeper.reconcile(SIGNAL);

    await clock.advance(45 * MINUTE_MS);
    await keeper.reconcile(SIGNAL);
    await clock.advance(10 * MINUTE_MS);
    const rotation = await keeper.reconcile(SIGNAL);

    expect(rotation.current.value.certificatePem).toBe(first.current.value.certificatePem);
    expect(caBundleOf(rotation).match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  it('keeps rotating where leaves are meant to live longer than their authority', async () => {
    const { clock, published, keeper } = setUp({ leafLifetimeMs: 24 * 60 * MINUTE_MS });
    const expired: Date[] = [];

    for (let minute = 0; minute < 400; minute += 1) {
      published.since ??= clock.date();
      const { current } = await keeper.reconcile(SIGNAL);
      const { validToDate } = new X509Certificate(current.value.certificatePem);
      if (validToDate <= clock.date()) expired.push(clock.date());
      await clock.advance(MINUTE_MS);
    }

    expect(expired).toEqual([]);
  });

  it('begins a rotation when its Secret is deleted, without forgetting what is in use', async () => {
    const { cluster, keeper } = setUp();
    const first = await keeper.reconcile(SIGNAL);

    await cluster.request({ method: 'DELETE', path: SECRET_PATH });
    const restored = await keeper.reconcile(SIGNAL);

    expect(restored.current.value.certificatePem).toBe(first.current.value.certificatePem);
    expect(restored.next).toBeDefined();
  });

  it('goes on where another leader stopped', async () => {
    const { clock, published, keeper, newKeeper } = setUp();
    await keeper.reconcile(SIGNAL);
    await clock.advance(45 * MINUTE_MS);
    const introduced = await keeper.reconcile(SIGNAL);

    published.since = clock.date();
    await clock.advance(2 * MINUTE_MS);
    const switched = await newKeeper().reconcile(SIGNAL);

    expect(switched.current.value.certificatePem).toBe(introduced.next?.value.certificatePem);
    expect(switched.previous?.value.certificatePem).toBe(introduced.current.value.certificatePem);
  });

  it('keeps labels and annotations of others', async () => {
    const { cluster, clock, keeper } = setUp();
    await keeper.reconcile(SIGNAL);
    await cluster.request({
      method: 'PATCH',
      path: SECRET_PATH,
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { team: 'platform' }, annotations: { note: 'ours' } } },
    });

    await clock.advance(45 * MINUTE_MS);
    await keeper.reconcile(SIGNAL);

    const secret = cluster.find('v1', 'Secret', 'latchkey-system', 'latchkey-ca');
    expect(secret?.metadata).toMatchObject({ labels: { team: 'platform' }, annotations: { note: 'ours' } });
  });

  it.each([
    ['without our label', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } }],
    ['with another certificate', { data: { 'tls.crt': Buffer.from('hunter2').toString('base64') } }],
    ['without a time', { metadata: { annotations: { 'latchkey.dev/current-since': 'yesterday' } } }],
  ])('leaves a Secret %s alone and says so', async (_title, patch) => {
    const { cluster, keeper } = setUp();
    await keeper.reconcile(SIGNAL);
    const contentType = 'application/merge-patch+json';
    await cluster.request({ method: 'PATCH', path: SECRET_PATH, contentType, body: patch });
    const before = cluster.find('v1', 'Secret', 'latchkey-system', 'latchkey-ca');

    const outcome = keeper.reconcile(SIGNAL);

    await expect(outcome).rejects.toMatchObject({
      code: 'TARGET_CONFLICT',
      message: 'Secret latchkey-system/latchkey-ca is not one that Latchkey wrote',
    });
    expect(cluster.find('v1', 'Secret', 'latchkey-system', 'latchkey-ca')).toEqual(before);
  });

  it('writes over nobody who was faster', async () => {
    const { clock, keeper, newKeeper } = setUp();
    const outcomes = await Promise.allSettled([keeper.reconcile(SIGNAL), newKeeper().reconcile(SIGNAL)]);
    await clock.advance(45 * MINUTE_MS);
    const later = await Promise.allSettled([keeper.reconcile(SIGNAL), newKeeper().reconcile(SIGNAL)]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(later.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
