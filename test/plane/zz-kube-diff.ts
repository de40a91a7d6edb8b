import { pino } from 'pino';
import { buildPlane } from './build.ts';
import { startPlane } from './plane.ts';
import { loadKubeConfig } from '../../src/kube/load-kube-config.ts';
import { createKubeClient } from '../../src/kube/http-client.ts';
import { createMemoryCluster } from '../../src/kube/memory/memory-cluster.ts';
import { KubeError, METADATA_ONLY, METADATA_ONLY_LIST, type KubeClient, type KubeRequest } from '../../src/kube/client.ts';
import { apiPath, CONFIG_MAPS, LEASES, MUTATING_WEBHOOKS, PODS, SECRETS, SERVICE_ACCOUNTS, NAMESPACES } from '../../src/kube/paths.ts';
import { createEventRecorder } from '../../src/kube/events.ts';
import { startReflector } from '../../src/kube/reflector.ts';
import { createLeaderElection } from '../../src/controller/leader-election.ts';

const built = await buildPlane();
if (!built.ok) throw new Error(built.reason);
const plane = await startPlane({ parts: built.parts });
const NS = 'payments';
const place = (name?: string, subresource?: string) => ({ namespace: NS, name, subresource });
const sp = apiPath(SECRETS, place());
const s1 = apiPath(SECRETS, place('s1'));
const secret = (name: string, rest: object = {}, meta: object = {}) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, ...meta }, ...rest });
const b = (t: string) => Buffer.from(t).toString('base64');
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const SMP = 'application/strategic-merge-patch+json';
const JP = 'application/json-patch+json';
const apply = (path: string, body: object, m = 'latchkey', extra: object = {}): KubeRequest => ({ method: 'PATCH', path, body, contentType: APPLY, query: { fieldManager: m, force: 'false', ...extra } });
const patch = (path: string, contentType: string, body: unknown): KubeRequest => ({ method: 'PATCH', path, body, contentType });
const ow = (kind: string, uid: string) => ({ apiVersion: 'v1', kind, name: 'x', uid });
const lease = (name: string, spec: object, meta: object = {}) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, ...meta }, spec });
const wh = (extra: object) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'latchkey' }, webhooks: [{ name: 'pods.latchkey.dev', ...extra }] });
const full = { clientConfig: { url: 'https://example.com' }, failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'] };
const tok = (spec: object) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });

const steps: [string, KubeRequest][] = [
  ['post secret in missing ns', { method: 'POST', path: apiPath(SECRETS, { namespace: 'nowhere' }), body: secret('a') }],
  ['apply secret in missing ns', apply(apiPath(SECRETS, { namespace: 'nowhere', name: 'a' }), secret('a'))],
  ['create ns', { method: 'POST', path: apiPath(NAMESPACES), body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NS } } }],
  ['get missing', { method: 'GET', path: s1 }],
  ['apply create', apply(s1, secret('s1', { data: { a: b('1'), b: b('2') } }))],
  ['apply same', apply(s1, secret('s1', { data: { a: b('1'), b: b('2') } }))],
  ['apply without manager', { method: 'PATCH', path: s1, body: secret('s1'), contentType: APPLY, query: { force: 'false' } }],
  ['apply drop b', apply(s1, secret('s1', { data: { a: b('1') } }))],
  ['get', { method: 'GET', path: s1 }],
  ['other applies equal', apply(s1, secret('s1', { data: { a: b('1') } }), 'other')],
  ['other applies other', apply(s1, secret('s1', { data: { a: b('X') } }), 'other')],
  ['we change while shared', apply(s1, secret('s1', { data: { a: b('Y') } }))],
  ['force', apply(s1, secret('s1', { data: { a: b('Y') } }), 'latchkey', { force: 'true' })],
  ['get', { method: 'GET', path: s1 }],
  ['other again', apply(s1, secret('s1', { data: { a: b('1') } }), 'other')],
  ['apply empty data', apply(s1, secret('s1', { data: {} }))],
  ['get', { method: 'GET', path: s1 }],
  ['apply no data', apply(s1, secret('s1'))],
  ['get', { method: 'GET', path: s1 }],
  ['apply owner', apply(s1, secret('s1', { data: { a: b('1') } }, { ownerReferences: [ow('Pod', 'u1')], labels: { x: 'y' } }))],
  ['smp owner', patch(s1, SMP, { metadata: { ownerReferences: [ow('Pod', 'u2')] } })],
  ['apply owner again', apply(s1, secret('s1', { data: { a: b('1') } }, { ownerReferences: [ow('Pod', 'u1')], labels: { x: 'y' } }))],
  ['smp delete owner', patch(s1, SMP, { metadata: { ownerReferences: [{ $patch: 'delete', uid: 'u1' }] } })],
  ['smp owner without uid', patch(s1, SMP, { metadata: { ownerReferences: [{ name: 'x' }] } })],
  ['apply w/o labels and owners', apply(s1, secret('s1', { data: { a: b('1') } }))],
  ['get', { method: 'GET', path: s1 }],
  ['apply name mismatch', apply(s1, secret('other'))],
  ['apply uid mismatch', apply(s1, secret('s1', {}, { uid: 'nope' }))],
  ['apply rv mismatch', apply(s1, secret('s1', {}, { resourceVersion: '1' }))],
  ['apply create with uid', apply(apiPath(SECRETS, place('s9')), secret('s9', {}, { uid: 'nope' }))],
  ['apply create with rv', apply(apiPath(SECRETS, place('s9')), secret('s9', {}, { resourceVersion: '1' }))],
  ['merge rv mismatch', patch(s1, MERGE, { metadata: { resourceVersion: '1' } })],
  ['merge uid mismatch', patch(s1, MERGE, { metadata: { uid: 'nope' } })],
  ['merge missing', patch(apiPath(SECRETS, place('nope')), MERGE, {})],
  ['merge null', patch(s1, MERGE, { data: { a: null, z: b('z') } })],
  ['apply after update of z', apply(s1, secret('s1', { data: { z: b('other') } }))],
  ['merge type change', patch(s1, MERGE, { type: 'kubernetes.io/tls' })],
  ['merge not base64', patch(s1, MERGE, { data: { q: 'hunter2!' } })],
  ['merge bad key', patch(s1, MERGE, { data: { 'a/b': b('1') } })],
  ['merge stringData', patch(s1, MERGE, { stringData: { s: 'text' } })],
  ['jsonpatch ok', patch(s1, JP, [{ op: 'test', path: '/data/s', value: b('text') }, { op: 'replace', path: '/data/s', value: b('new') }])],
  ['jsonpatch test fails', patch(s1, JP, [{ op: 'test', path: '/data/s', value: b('text') }])],
  ['jsonpatch missing', patch(s1, JP, [{ op: 'remove', path: '/data/none' }])],
  ['jsonpatch no list', patch(s1, JP, {})],
  ['unknown patch type', patch(s1, 'application/cbor', {})],
  ['get', { method: 'GET', path: s1 }],
  ['get meta', { method: 'GET', path: s1, accept: METADATA_ONLY }],
  ['patch meta answer', { ...patch(s1, MERGE, {}), accept: METADATA_ONLY }],
  ['list meta', { method: 'GET', path: sp, accept: METADATA_ONLY_LIST }],
  ['post exists', { method: 'POST', path: sp, body: secret('s1') }],
  ['post exists dry', { method: 'POST', path: sp, body: secret('s1'), query: { dryRun: 'All' } }],
  ['post dry', { method: 'POST', path: sp, body: secret('s2'), query: { dryRun: 'All' }, accept: METADATA_ONLY }],
  ['get dry', { method: 'GET', path: apiPath(SECRETS, place('s2')) }],
  ['post bad name', { method: 'POST', path: sp, body: secret('Bad_Name') }],
  ['post no name', { method: 'POST', path: sp, body: { ...secret(''), metadata: {} } }],
  ['post other ns', { method: 'POST', path: sp, body: secret('a', {}, { namespace: 'default' }) }],
  ['post other kind', { method: 'POST', path: sp, body: { ...secret('a'), kind: 'ConfigMap' } }],
  ['post bad owner', { method: 'POST', path: sp, body: secret('a', {}, { ownerReferences: [{ kind: 'Pod', name: 'x' }] }) }],
  ['post bad label', { method: 'POST', path: sp, body: secret('a', {}, { labels: { app: 'a/b' } }) }],
  ['post bad annotation', { method: 'POST', path: sp, body: secret('a', {}, { annotations: { 'a b': 'x' } }) }],
  ['post with rv', { method: 'POST', path: sp, body: secret('a', {}, { resourceVersion: '5' }) }],
  ['post update-managed', { method: 'POST', path: sp, body: secret('s3', { data: { a: b('0') } }), query: { fieldManager: 'latchkey' } }],
  ['apply same manager', apply(apiPath(SECRETS, place('s3')), secret('s3', { data: { a: b('1') } }))],
  ['put wrong name', { method: 'PUT', path: s1, body: secret('other') }],
  ['put no rv secret', { method: 'PUT', path: s1, body: secret('s1', { data: { p: b('1') } }) }],
  ['put stale', { method: 'PUT', path: s1, body: secret('s1', {}, { resourceVersion: '1' }) }],
  ['put missing', { method: 'PUT', path: apiPath(SECRETS, place('none')), body: secret('none') }],
  ['immutable', { method: 'POST', path: sp, body: secret('im', { immutable: true, stringData: { a: '1' } }) }],
  ['immutable change', patch(apiPath(SECRETS, place('im')), MERGE, { stringData: { a: '2' } })],
  ['immutable unset', patch(apiPath(SECRETS, place('im')), MERGE, { immutable: false })],
  ['immutable label', patch(apiPath(SECRETS, place('im')), MERGE, { metadata: { labels: { a: 'b' } } })],
  ['lease ms', { method: 'POST', path: apiPath(LEASES, place()), body: lease('l', { renewTime: '2026-11-22T05:00:00.000Z' }) }],
  ['lease 0s', { method: 'POST', path: apiPath(LEASES, place()), body: lease('l', { leaseDurationSeconds: 0 }) }],
  ['lease ok', { method: 'POST', path: apiPath(LEASES, place()), body: lease('l', { holderIdentity: '', leaseDurationSeconds: 1, renewTime: '2026-11-22T05:00:00.000000Z', leaseTransitions: 0 }) }],
  ['lease put no rv', { method: 'PUT', path: apiPath(LEASES, place('l')), body: lease('l', {}) }],
  ['lease apply', apply(apiPath(LEASES, place('lk')), lease('lk', { leaseDurationSeconds: 900, renewTime: '2026-11-22T05:00:00.000000Z' }))],
  ['lease apply renew', apply(apiPath(LEASES, place('lk')), lease('lk', { leaseDurationSeconds: 900, renewTime: '2026-11-22T06:00:00.000000Z' }))],
  ['delete wrong rv', { method: 'DELETE', path: s1, body: { preconditions: { resourceVersion: '1' } } }],
  ['delete wrong uid', { method: 'DELETE', path: s1, body: { preconditions: { uid: 'x' } } }],
  ['delete dry', { method: 'DELETE', path: s1, query: { dryRun: 'All' } }],
  ['delete', { method: 'DELETE', path: s1 }],
  ['delete again', { method: 'DELETE', path: s1 }],
  ['finalizer post', { method: 'POST', path: sp, body: secret('fin', {}, { finalizers: ['example.com/x'] }) }],
  ['finalizer delete', { method: 'DELETE', path: apiPath(SECRETS, place('fin')) }],
  ['finalizer get', { method: 'GET', path: apiPath(SECRETS, place('fin')) }],
  ['finalizer off', patch(apiPath(SECRETS, place('fin')), MERGE, { metadata: { finalizers: null } })],
  ['finalizer gone', { method: 'GET', path: apiPath(SECRETS, place('fin')) }],
  ['webhook post', { method: 'POST', path: apiPath(MUTATING_WEBHOOKS), body: wh(full) }],
  ['webhook apply', apply(apiPath(MUTATING_WEBHOOKS, { name: 'latchkey' }), wh({ clientConfig: { caBundle: b('not a pem') } }))],
  ['sa post', { method: 'POST', path: apiPath(SERVICE_ACCOUNTS, place()), body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api' } } }],
  ['token', { method: 'POST', path: apiPath(SERVICE_ACCOUNTS, place('api', 'token')), body: tok({ audiences: ['vault'], expirationSeconds: 600 }) }],
  ['token short', { method: 'POST', path: apiPath(SERVICE_ACCOUNTS, place('api', 'token')), body: tok({ audiences: ['vault'], expirationSeconds: 599 }) }],
  ['token nobody', { method: 'POST', path: apiPath(SERVICE_ACCOUNTS, place('nobody', 'token')), body: tok({ audiences: ['vault'] }) }],
  ['token pod missing', { method: 'POST', path: apiPath(SERVICE_ACCOUNTS, place('api', 'token')), body: tok({ audiences: ['vault'], boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'none' } }) }],
  ['unserved', { method: 'GET', path: '/apis/nope.example.com/v1/things' }],
  ['unserved plural', { method: 'GET', path: '/api/v1/unicorns' }],
  ['no namespace', { method: 'GET', path: '/api/v1/secrets/x' }],
  ['put collection', { method: 'PUT', path: sp, body: secret('x') }],
  ['list bad selector', { method: 'GET', path: sp, query: { labelSelector: 'a in' } }],
  ['list selector', { method: 'GET', path: sp, query: { labelSelector: 'a=b' } }],
  ['list page', { method: 'GET', path: sp, query: { limit: '1', fieldSelector: 'type=Opaque' } }],
  ['bad continue', { method: 'GET', path: sp, query: { limit: '1', continue: 'nonsense' } }],
];

function strip(v: unknown, key = ''): unknown {
  if (Array.isArray(v)) return v.map((i) => strip(i));
  if (typeof v === 'object' && v !== null) {
    return Object.fromEntries(Object.entries(v).filter(([k]) => !['managedFields', 'remainingItemCount', 'selfLink', 'kubernetes'].includes(k)).sort(([a], [c]) => (a < c ? -1 : 1)).map(([k, x]) => [k, strip(x, k)]));
  }
  if (['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'token', 'expirationTimestamp', 'continue'].includes(key) && typeof v === 'string' && !/^u\d$/.test(v)) return '*';
  return v;
}
async function outcome(client: KubeClient, request: KubeRequest) {
  try {
    return JSON.stringify(strip(await client.request(request)));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return `${error.status} ${error.reason}`;
  }
}

const access = await loadKubeConfig({ kubeconfig: plane.adminKubeconfigPath, environment: {} });
const real = createKubeClient(access);
const memory = createMemoryCluster([]);
let rvs: Record<string, string> = {};
const rv = async (client: KubeClient, req: KubeRequest) => { try { const o = await client.request({ method: 'GET', path: req.path }) as any; return o?.metadata?.resourceVersion ?? ''; } catch { return ''; } };
let same = 0;
for (const [title, request] of steps) {
  const before = request.method === 'PATCH' ? [await rv(real, request), await rv(memory, request)] : [];
  let [r, m] = [await outcome(real, request), await outcome(memory, request)];
  if (request.method === 'PATCH') {
    const after = [await rv(real, request), await rv(memory, request)];
    r += ` bumped=${before[0] !== after[0]}`; m += ` bumped=${before[1] !== after[1]}`;
  }
  if (r === m) same += 1;
  else console.log(`DIFF ${title}\n  real   ${r}\n  memory ${m}`);
}
console.log(`${same} of ${steps.length} the same`);

// the rest on the real thing
const log = pino({ level: 'debug' });
const recorder = createEventRecorder(real, { component: 'latchkey.dev/controller', instance: 'test-0', log });
const regarding = { apiVersion: 'v1', kind: 'Pod', name: 'api-0', namespace: NS, uid: 'u1' };
for (let i = 0; i < 3; i += 1) recorder.event({ regarding, type: 'Warning', reason: 'SecretFetchFailed', action: 'Fill', message: 'no' });
recorder.event({ regarding: { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', name: 'aws', uid: 'u1' }, type: 'Normal', reason: 'Valid', action: 'Validate', message: 'no' });
await recorder.flush();
const events = await real.request({ method: 'GET', path: '/api/v1/events' }) as any;
for (const e of events.items) if (e.reason === 'SecretFetchFailed' || e.reason === 'Valid') console.log('EVENT', e.metadata.namespace, e.reason, JSON.stringify(e.series));

const heard: string[] = [];
const reflector = startReflector({ client: real, path: apiPath(PODS), metadataOnly: true, log, handler: { onUpsert: (o) => heard.push(`+${o.metadata.name} ${Object.keys(o)}`), onDelete: (o) => heard.push(`-${o.name}`) } });
await reflector.synced;
const absent = startReflector({ client: real, path: '/apis/external-secrets.io/v1/secretstores', log, handler: { onUpsert: () => {}, onDelete: () => {} } });
await absent.synced;
await real.request({ method: 'POST', path: apiPath(PODS, place()), body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }], schedulingGates: [{ name: 'x' }] } } }).catch((e) => console.log(e.message));
await real.request({ method: 'DELETE', path: apiPath(PODS, place('p')) }).catch((e) => console.log(e.message));
await new Promise((r) => setTimeout(r, 500));
console.log(heard);
const t0 = performance.now();
await Promise.all(Array.from({ length: 3000 }, (_, i) => real.request({ method: 'POST', path: apiPath(CONFIG_MAPS, place()), body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${i}` } } })));
console.log('3000 creates ms', Math.round(performance.now() - t0));
let n = 0; let deleted = 0;
const t1 = performance.now();
const many = startReflector({ client: real, path: apiPath(CONFIG_MAPS), metadataOnly: true, log, handler: { onUpsert: () => { n += 1; }, onDelete: () => { deleted += 1; } } });
await many.synced;
console.log('list of', n, 'ms', Math.round(performance.now() - t1));
const stop = new AbortController();
const mk = (identity: string) => createLeaderElection({ client: real, namespace: NS, leaseName: 'leader', identity, log });
const order: string[] = [];
const runs = ['a', 'b'].map((id) => mk(id).run({ onStarted: async (signal) => { order.push(`${id} leads`); if (order.length === 1) { await new Promise((r) => setTimeout(r, 2500)); return; } await new Promise((r) => setTimeout(r, 200)); void signal; }, onStopped: () => order.push(`${id} stopped`) }, stop.signal));
await Promise.all(runs);
console.log(order);
await Promise.all([reflector.stop(), absent.stop(), many.stop()]);
await real.close();
await plane.stop();
