import { afterEach, describe, expect, it } from 'vitest';
import { startFoundation } from '../../src/commands/foundation.ts';
import { createValidation } from '../../src/commands/validation.ts';
import { parseConfig } from '../../src/config.ts';
import { createMemoryCluster } from '../../src/kube/memory/memory-cluster.ts';
import { createMetrics } from '../../src/metrics.ts';
import { TemplateError } from '../../src/template/template-error.ts';
import { captureLog } from '../support/captured-log.ts';
import {
  aReview,
  type RunningServer,
  runWebhookServer,
  type ServerSettings,
  TOKEN,
} from '../support/webhook-server.ts';

const PATH = `/validate/${TOKEN}?timeout=5s`;
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(settings: ServerSettings): Promise<RunningServer> {
  const server = await runWebhookServer(settings);
  ends.push(() => server.stop());
  return server;
}

/** Over a cluster with an opted-in namespace, a store of ours and one of another class. */
async function startValidation(): Promise<RunningServer> {
  const store = (name: string, controller: string) => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace: 'payments' },
    spec: { controller, provider: { fake: { data: [{ key: 'db', value: 'x' }] } } },
  });
  const namespace = { name: 'payments', labels: { 'latchkey.dev/inject': 'enabled' } };
  const client = createMemoryCluster([
    { apiVersion: 'v1', kind: 'Namespace', metadata: namespace },
    store('ours', 'latchkey'),
    store('theirs', 'other'),
  ]);
  const config = parseConfig('');
  const { log } = captureLog();
  const foundation = startFoundation({ config, client, log, metrics: createMetrics() });
  ends.push(() => foundation.stop());
  await foundation.synced;
  return start({ validate: createValidation({ config, log, loadChecker: async () => CHECKER }, foundation) });
}

const CHECKER = {
  check(text: string): void {
    if (text.includes('uper')) throw new TemplateError('line 1, column 9: function "uper" not defined');
  },
};

function reviewOf(kind: string, spec: object, request: object = {}): string {
  return aReview({
    kind: { group: 'external-secrets.io', version: 'v1', kind },
    object: { apiVersion: 'external-secrets.io/v1', kind, metadata: { name: 'db', namespace: 'payments' }, spec },
    ...request,
  });
}

function anExternalSecret(store: string, target: object = {}): object {
  return { secretStoreRef: { name: store }, target, data: [{ secretKey: 'a', remoteRef: { key: 'db' } }] };
}

describe('the validating route', () => {
  it('allows what is right', async () => {
    const server = await startValidation();

    const { status, text } = await server.post(reviewOf('ExternalSecret', anExternalSecret('ours')), { path: PATH });

    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u-1', allowed: true },
    });
  });

  it('refuses mistakes with HTTP 200, one line, and no patch', async () => {
    const server = await startValidation();
    const template = { data: { a: '{{ .a | uper }}' } };
    const spec = anExternalSecret('ours', { deletionPolicy: 'Delete', creationPolicy: 'Merge', template });

    const { status, text } = await server.post(reviewOf('ExternalSecret', spec), { path: PATH });

    const { response } = JSON.parse(text) as { response: { status: { message: string } } };
    expect(status).toBe(200);
    expect(response).toMatchObject({ uid: 'u-1', allowed: false, status: { code: 422, reason: 'Invalid' } });
    expect(response.status.message).toMatch(
      /^ExternalSecret "db": spec\.target: deletionPolicy=Delete must not .*; spec\.target\.template\.data\.a: .*uper.* \[EXTERNAL_SECRET_INVALID\]$/,
    );
    expect(response).not.toHaveProperty('patch');
  });

  it("lets pass what is read from another class's store", async () => {
    const server = await startValidation();
    const spec = anExternalSecret('theirs', { deletionPolicy: 'Delete', creationPolicy: 'Merge' });

    const { text } = await server.post(reviewOf('ExternalSecret', spec), { path: PATH });

    expect(JSON.parse(text)).toMatchObject({ response: { allowed: true } });
  });

  it('refuses a store of ours with all mistakes of its provider', async () => {
    const server = await startValidation();
    const spec = { controller: 'latchkey', provider: { vault: { server: 'no url', auth: {} } } };

    const { text } = await server.post(reviewOf('SecretStore', spec), { path: PATH });

    expect(text).toContain('spec.provider.vault.server: ');
    expect(text).toContain('spec.provider.vault.auth: ');
    expect(text).toContain('[STORE_INVALID]');
  });

  it('has the same token before it as the other route', async () => {
    const server = await startValidation();
    const body = reviewOf('ExternalSecret', anExternalSecret('ours'));

    const answers = await Promise.all(
      [`/validate/${'cd'.repeat(32)}`, '/validate/', '/validate', `/validate/${TOKEN}/x`].map((path) =>
        server.post(body, { path }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  it('is not there where nothing validates', async () => {
    const server = await start({});

    const { status } = await server.post(reviewOf('ExternalSecret', {}), { path: PATH });

    expect(status).toBe(404);
  });

  it('answers no reviews of Pods', async () => {
    const server = await startValidation();

    const { text } = await server.post(aReview(), { path: PATH });

    expect(JSON.parse(text)).toMatchObject({ response: { allowed: false } });
    expect(text).toContain('[MANIFEST_INVALID]');
  });
});
