import { describe, expect, it } from 'vitest';
import { KubeError } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { MUTATING, VALIDATING } from '../../../src/tls/webhook-configuration.ts';
import { createWebhookPublisher } from '../../../src/tls/webhook-publisher.ts';
import { captureLog } from '../../support/captured-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  anInstallation,
  aWebhook,
  configurationIn,
  CONFIGURATION_PATH,
  validatingWebhooksIn,
  WEBHOOK_SERVICE as SERVICE,
  webhooksIn,
} from '../../support/webhook-configuration.ts';

const SIGNAL = new AbortController().signal;
const PUBLICATION = { caBundle: 'bundle one\n', path: '/mutate/abc' };

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function setUp(
  webhooks: readonly object[] = [aWebhook('pods.latchkey.dev'), aWebhook('ephemeral.latchkey.dev')],
  registration = MUTATING,
) {
  const clock = createFakeClock();
  const failures: (KubeError | undefined)[] = [];
  const cluster = createMemoryCluster(anInstallation(webhooks), {
    clock,
    onRequest() {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    },
  });
  const { log } = captureLog();
  const publisher = createWebhookPublisher({ kube: cluster, registration, configurationName: 'latchkey', clock, log });
  return { clock, cluster, failures, publisher, webhooks: () => configurationIn(cluster)?.['webhooks'] };
}

describe('webhook publisher', () => {
  it('sets bundle and path of every webhook and touches nothing else', async () => {
    const { publisher, webhooks } = setUp();

    const isPublished = await publisher.reconcile(PUBLICATION, SIGNAL);

    const clientConfig = { caBundle: encoded('bundle one\n'), service: { ...SERVICE, path: '/mutate/abc' } };
    expect(isPublished).toBe(true);
    expect(webhooks()).toEqual([
      aWebhook('pods.latchkey.dev', clientConfig),
      aWebhook('ephemeral.latchkey.dev', clientConfig),
    ]);
  });

  it('keeps the origin of a webhook that has a URL', async () => {
    const { publisher, webhooks } = setUp([
      aWebhook('pods.latchkey.dev', { url: 'https://127.0.0.1:8443/mutate/old' }),
    ]);

    await publisher.reconcile(PUBLICATION, SIGNAL);

    const clientConfig = { caBundle: encoded('bundle one\n'), url: 'https://127.0.0.1:8443/mutate/abc' };
    expect(webhooks()).toEqual([aWebhook('pods.latchkey.dev', clientConfig)]);
    expect(publisher.publishedSince('path', '/mutate/abc')).toBeDefined();
  });

  it('leaves a bundle to whoever injects it', async () => {
    const { publisher, webhooks } = setUp([aWebhook('a.latchkey.dev', { caBundle: 'aW5qZWN0ZWQ=', service: SERVICE })]);

    const isPublished = await publisher.reconcile({ path: '/mutate/abc' }, SIGNAL);

    const clientConfig = { caBundle: 'aW5qZWN0ZWQ=', service: { ...SERVICE, path: '/mutate/abc' } };
    expect(isPublished).toBe(true);
    expect(webhooks()).toEqual([aWebhook('a.latchkey.dev', clientConfig)]);
  });

  it('writes nothing where all is right, and remembers since when', async () => {
    const { publisher, cluster, clock } = setUp();
    await publisher.reconcile(PUBLICATION, SIGNAL);
    const published = clock.date();
    const version = configurationIn(cluster)?.metadata.resourceVersion;

    await clock.advance(10_000);
    await publisher.reconcile(PUBLICATION, SIGNAL);

    expect(configurationIn(cluster)?.metadata.resourceVersion).toBe(version);
    expect(publisher.publishedSince('caBundle', 'bundle one\n')).toEqual(published);
    expect(publisher.publishedSince('caBundle', 'bundle two\n')).toBeUndefined();
  });

  it('counts each field by itself', async () => {
    const { publisher, clock } = setUp();
    await publisher.reconcile(PUBLICATION, SIGNAL);
    const first = clock.date();

    await clock.advance(10_000);
    await publisher.reconcile({ ...PUBLICATION, path: '/mutate/def' }, SIGNAL);

    expect(publisher.publishedSince('caBundle', 'bundle one\n')).toEqual(first);
    expect(publisher.publishedSince('path', '/mutate/def')).toEqual(clock.date());
    expect(publisher.publishedSince('path', '/mutate/abc')).toBeUndefined();
  });

  it('takes its fields back from whoever emptied them, and counts anew', async () => {
    const { publisher, cluster, clock, webhooks } = setUp();
    await publisher.reconcile(PUBLICATION, SIGNAL);
    const before = webhooks();

    await clock.advance(10_000);
    await cluster.request({
      method: 'PATCH',
      path: CONFIGURATION_PATH,
      query: { fieldManager: 'gitops', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'latchkey' },
        webhooks: [{ name: 'pods.latchkey.dev', clientConfig: { caBundle: '' } }],
      },
    });
    await publisher.reconcile(PUBLICATION, SIGNAL);

    expect(webhooks()).toEqual(before);
    expect(publisher.publishedSince('caBundle', 'bundle one\n')).toEqual(clock.date());
  });

  it('finds a webhook that an upgrade added', async () => {
    const { publisher, cluster } = setUp([aWebhook('pods.latchkey.dev')]);
    await publisher.reconcile(PUBLICATION, SIGNAL);

    await cluster.request({
      method: 'PATCH',
      path: CONFIGURATION_PATH,
      contentType: 'application/strategic-merge-patch+json',
      body: { webhooks: [aWebhook('ephemeral.latchkey.dev')] },
    });
    await publisher.reconcile(PUBLICATION, SIGNAL);

    const bundles = webhooksIn(cluster).map(({ caBundle }) => caBundle);
    expect(bundles).toEqual(['bundle one\n', 'bundle one\n']);
  });

  it.each([
    [403, 'ACCESS_DENIED'],
    [404, 'CLUSTER_UNAVAILABLE'],
    [0, 'CLUSTER_UNAVAILABLE'],
  ])('says what the API server answered (%d)', async (status, code) => {
    const { publisher, failures } = setUp();
    failures.push(new KubeError(status, 'Reason', 'GET was refused'));

    await expect(publisher.reconcile(PUBLICATION, SIGNAL)).rejects.toMatchObject({ code });
  });

  it('refuses a configuration without webhooks', async () => {
    const { publisher } = setUp([]);

    await expect(publisher.reconcile(PUBLICATION, SIGNAL)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: 'MutatingWebhookConfiguration latchkey has no webhooks',
    });
  });

  it('does not believe what it could not read back', async () => {
    const { publisher, failures } = setUp();
    failures.push(undefined, undefined, new KubeError(503, 'ServiceUnavailable', 'GET was refused'));

    await expect(publisher.reconcile(PUBLICATION, SIGNAL)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });

    expect(publisher.publishedSince('path', '/mutate/abc')).toBeUndefined();
  });

  it('keeps the validating configuration as it keeps the mutating one, and each without the other', async () => {
    const { publisher, cluster } = setUp(undefined, VALIDATING);

    const isPublished = await publisher.reconcile({ caBundle: 'bundle one\n', path: '/validate/abc' }, SIGNAL);

    expect(isPublished).toBe(true);
    expect(validatingWebhooksIn(cluster)).toEqual([
      { name: 'externalsecrets.latchkey.dev', caBundle: 'bundle one\n', path: '/validate/abc' },
    ]);
    expect(webhooksIn(cluster)).toMatchObject([{ path: '' }, { path: '' }]);
  });

  it('counts a validating configuration that is not installed as published', async () => {
    const { publisher, failures, clock } = setUp(undefined, VALIDATING);
    failures.push(new KubeError(404, 'NotFound', 'GET answered 404'));

    const isPublished = await publisher.reconcile(PUBLICATION, SIGNAL);

    expect(isPublished).toBe(true);
    expect(publisher.publishedSince('path', '/mutate/abc')).toEqual(clock.date());
  });
});
