// Usage: node test/plane/run.ts node test/plane/smoke.ts
// Proves the plane itself: scheduling, Vault's Kubernetes auth, webhooks through a Service, a stop without leftovers.
import assert from 'node:assert/strict';
import { buildMoto, buildPlane } from './build.ts';
import { createCertificateAuthority } from './certificates.ts';
import { startMoto } from './moto.ts';
import { type Plane, startPlane } from './plane.ts';
import { freePort } from './ports.ts';
import type { PlaneResponse } from './request-json.ts';
import { keepServiceEndpoints } from './service-endpoints.ts';
import { startToyWebhook } from './toy-webhook.ts';
import { waitUntil } from './wait-until.ts';

const NAMESPACE = 'smoke';

async function step<Result>(name: string, prove: () => Promise<Result>): Promise<Result> {
  const startedMs = Date.now();
  const result = await prove();
  console.log(`ok ${name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
  return result;
}

async function runsPods(plane: Plane): Promise<void> {
  await plane.kubectl(['create', 'deployment', 'web', '--image=web', '--replicas=3', '-n', NAMESPACE]);

  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web`;
  await waitUntil('three ready replicas', async () => {
    const { body } = await plane.request<{ status: { readyReplicas?: number } }>('GET', path);
    return body.status.readyReplicas === 3;
  });
}

async function logsInToVault(plane: Plane): Promise<void> {
  const vault = await plane.startVault();
  await plane.kubectl(['create', 'serviceaccount', 'reader', '-n', NAMESPACE]);
  await plane.kubectl(['create', 'serviceaccount', 'stranger', '-n', NAMESPACE]);
  const role = { bound_service_account_names: ['reader'], bound_service_account_namespaces: [NAMESPACE] };
  await vault.api('POST', 'auth/kubernetes/role/reader', {
    body: { ...role, audience: 'vault', policies: ['default'] },
  });
  async function login(serviceAccount: string): Promise<PlaneResponse<unknown>> {
    const jwt = await plane.tokenFor({ namespace: NAMESPACE, serviceAccount }, { audiences: ['vault'] });
    return vault.api('POST', 'auth/kubernetes/login', { body: { role: 'reader', jwt }, token: '' });
  }

  const accepted = await login('reader');
  const refused = await login('stranger');

  assert.equal(accepted.status, 200);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /service account name not authorized/);
}

async function callsWebhooksThroughService(plane: Plane): Promise<void> {
  const [first = '', second = ''] = plane.addresses;
  const port = await freePort(first);
  const authority = await createCertificateAuthority('smoke');
  const pair = await authority.server([`toy.${NAMESPACE}.svc`]);
  const webhooks = [await startToyWebhook(first, port, pair), await startToyWebhook(second, port, pair)] as const;
  await plane.apply(service(port), webhookConfiguration(authority.caPem));
  const targets = [first, second].map((address) => ({ address, probeUrl: `https://${address}:${port}/readyz` }));
  const endpoints = await keepServiceEndpoints(plane, { namespace: NAMESPACE, service: 'toy', port, targets });
  function create(name: string): Promise<PlaneResponse<unknown>> {
    return plane.request('POST', `/api/v1/namespaces/${NAMESPACE}/configmaps`, { body: { metadata: { name } } });
  }

  await waitUntil('a refusal by the webhook', async () => (await create('refused')).text.includes('the toy says no'));
  // The API server keeps connections, so only calls at once are spread.
  await Promise.all(Array.from({ length: 40 }, (_, index) => create(`allowed-${index}`)));
  console.log(`   calls: ${first} ${webhooks[0].calls}, ${second} ${webhooks[1].calls}`);

  webhooks[0].stop();
  await waitUntil(`${first} to be taken out`, async () => !endpoints.listed().includes(first));
  await waitUntil('the other replica to answer', async () => (await create('after-loss')).status === 201);
  await endpoints.remove(second);
  assert.deepEqual(endpoints.listed(), []);
  await endpoints.stop();
  webhooks[1].stop();
}

function service(port: number) {
  const spec = { ports: [{ name: 'https', port: 443, targetPort: port }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'toy', namespace: NAMESPACE }, spec };
}

function webhookConfiguration(caPem: string) {
  const webhook = {
    name: 'toy.latchkey.test',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    clientConfig: {
      service: { name: 'toy', namespace: NAMESPACE, path: '/validate' },
      caBundle: Buffer.from(caPem).toString('base64'),
    },
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'toy' },
    webhooks: [webhook],
  };
}

const built = await buildPlane();
const moto = await buildMoto();
if (!built.ok) throw new Error(built.reason);
if (!moto.ok) throw new Error(moto.reason);
const plane = await step('start', () => startPlane({ parts: built.parts }));
const sleeper = plane.spawn('sleeper', 'sleep', ['600']);
try {
  await plane.addNodes(2);
  await plane.kubectl(['create', 'namespace', NAMESPACE]);
  await step('a Deployment of 3 runs', () => runsPods(plane));
  await step('OpenBao accepts the right ServiceAccount only', () => logsInToVault(plane));
  await step('moto answers', () => startMoto(plane, moto.parts.pythonPath));
  if (plane.serviceRouting) {
    await step('a webhook is called through its Service', () => callsWebhooksThroughService(plane));
  } else {
    console.log('SKIPPED a webhook is called through its Service: no network namespace');
  }
} finally {
  await step('stop', () => plane.stop());
}
assert.equal(sleeper.running, false);
assert.throws(() => process.kill(sleeper.pid, 0), { code: 'ESRCH' });
console.log('ok nothing of the plane is left');
