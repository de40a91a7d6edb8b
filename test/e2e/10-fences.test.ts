import { beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { SYSTEM_NAMESPACE } from './chart.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, type Team } from './team.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'latchkey' };
const FOREIGN_DATA = Buffer.from('not for latchkey').toString('base64');
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

let stage: Stage;
let team: Team;
/** Not opted in, with a ServiceAccount and a Secret. */
const CLOSED = 'fence-closed';

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'fences');
  const { plane } = stage;
  await plane.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: CLOSED } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: CLOSED } },
    aSecret('lk-marked', CLOSED, { labels: OURS }),
    aSecret('foreign', team.namespace),
    aSecret('lk-unmarked', team.namespace),
  );
});

function aSecret(name: string, namespace: string, more: Readonly<Record<string, unknown>> = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...more },
    type: 'Opaque',
    data: { key: FOREIGN_DATA },
  };
}

function aTokenSecret(name: string, namespace: string, serviceAccount: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: OURS,
      annotations: { 'kubernetes.io/service-account.name': serviceAccount },
    },
    type: 'kubernetes.io/service-account-token',
  };
}

describe.each(['webhook', 'controller'] as const)('the ServiceAccount of the %s', (process) => {
  let token: string;

  beforeAll(async () => {
    token = await stage.plane.tokenFor({ namespace: SYSTEM_NAMESPACE, serviceAccount: `latchkey-${process}` });
  });

  async function call(method: string, path: string, body?: unknown, contentType = 'application/json') {
    const options = { token, ...(body === undefined ? {} : { body, contentType }) };
    return stage.plane.request<{ status?: { token?: string }; message?: string }>(method, path, options);
  }

  function requestToken(namespace: string, spec: object, serviceAccount = 'app') {
    return call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec,
    });
  }

  it('takes a token for a listed audience that lives for an hour', async () => {
    const { status, body } = await requestToken(team.namespace, { audiences: ['vault'], expirationSeconds: 3600 });

    expect(status).toBe(201);
    expect(body.status?.token).toMatch(/^eyJ/);
  });

  it.each([
    [
      'a foreign audience',
      { audiences: ['https://elsewhere.example'], expirationSeconds: 600 },
      'AUDIENCE_NOT_ALLOWED',
    ],
    ['a second audience', { audiences: ['vault', 'https://elsewhere.example'] }, 'AUDIENCE_NOT_ALLOWED'],
    ["the API server's own audience", { audiences: [], expirationSeconds: 600 }, 'AUDIENCE_NOT_ALLOWED'],
    ['more than an hour', { audiences: ['vault'], expirationSeconds: 3601 }, 'INTERNAL'],
  ])('is refused a token for %s', async (_what, spec, code) => {
    const { status, text } = await requestToken(team.namespace, spec);

    expect(status).toBe(403);
    expect(text).toContain(`[${code}]`);
  });

  it.each([
    ['a namespace that has not opted in', CLOSED, 'app'],
    ['its own namespace', SYSTEM_NAMESPACE, 'latchkey-controller'],
    ['kube-system', 'kube-system', 'generic-garbage-collector'],
  ])('is refused a token in %s', async (_what, namespace, serviceAccount) => {
    const { status, text } = await requestToken(
      namespace,
      { audiences: ['vault'], expirationSeconds: 600 },
      serviceAccount,
    );

    expect(status).toBe(403);
    expect(text).toContain('[NAMESPACE_NOT_OPTED_IN]');
  });

  it('writes its own Secrets and Leases, and an empty patch on them answers', async () => {
    const secret = aSecret(`lk-${process}`, team.namespace, { labels: OURS });
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: `lk-${process}`, namespace: team.namespace, labels: OURS },
      spec: { leaseDurationSeconds: 3600, renewTime: new Date().toISOString().replace('Z', '000Z') },
    };
    const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${team.namespace}/leases/lk-${process}`;
    const path = `/api/v1/namespaces/${team.namespace}/secrets/lk-${process}`;

    const statuses = [
      (await call('PATCH', `${leasePath}?fieldManager=latchkey`, lease, APPLY)).status,
      (await call('PATCH', `${path}?fieldManager=latchkey`, secret, APPLY)).status,
      (await call('PATCH', path, {}, MERGE)).status,
    ];

    expect(statuses).toEqual([201, 201, 200]);
  });

  it.each([
    ['without our mark', () => team.namespace, 'foreign', 'TARGET_CONFLICT'],
    ['of our name without our mark', () => team.namespace, 'lk-unmarked', 'TARGET_CONFLICT'],
    ['in a namespace that has not opted in', () => CLOSED, 'lk-marked', 'NAMESPACE_NOT_OPTED_IN'],
  ])('cannot read a Secret %s by an empty patch', async (_what, namespace, name, code) => {
    const path = `/api/v1/namespaces/${namespace()}/secrets/${name}`;

    const merge = await call('PATCH', path, {}, MERGE);
    const apply = await call(
      'PATCH',
      `${path}?fieldManager=x&force=true`,
      { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: OURS } },
      APPLY,
    );

    for (const { status, text } of [merge, apply]) {
      expect(status).toBe(403);
      expect(text).toContain(`[${code}]`);
      expect(text).not.toContain(FOREIGN_DATA);
    }
  });

  it('cannot create a Secret under a foreign name or in a namespace that has not opted in', async () => {
    const foreign = await call(
      'POST',
      `/api/v1/namespaces/${team.namespace}/secrets`,
      aSecret(`own-${process}`, team.namespace, { labels: OURS }),
    );
    const closed = await call(
      'POST',
      `/api/v1/namespaces/${CLOSED}/secrets`,
      aSecret(`lk-${process}`, CLOSED, { labels: OURS }),
    );

    expect([foreign.status, closed.status]).toEqual([403, 403]);
    expect(foreign.text).toContain('[TARGET_CONFLICT]');
    expect(closed.text).toContain('[NAMESPACE_NOT_OPTED_IN]');
  });

  it('cannot make a ServiceAccount token out of a Secret', async () => {
    const named = aTokenSecret(`lk-token-${process}`, team.namespace, 'app');
    const disguised = aTokenSecret('latchkey-ca', SYSTEM_NAMESPACE, 'latchkey-controller');

    const answers = [
      await call('POST', `/api/v1/namespaces/${team.namespace}/secrets`, named),
      await call(
        'PATCH',
        `/api/v1/namespaces/${team.namespace}/secrets/${named.metadata.name}?fieldManager=latchkey`,
        named,
        APPLY,
      ),
      await call('POST', `/api/v1/namespaces/${SYSTEM_NAMESPACE}/secrets`, disguised),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await team.secrets()).filter(({ type }) => type !== 'Opaque')).toEqual([]);
  });

  it('touches no foreign Lease', async () => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${team.namespace}/leases`;
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'somebody', namespace: team.namespace, labels: OURS },
    };

    const { status, text } = await call('POST', leases, lease);

    expect(status).toBe(403);
    expect(text).toContain('[TARGET_CONFLICT]');
  });

  it('cannot get, list or watch Secrets, except the two of its own by name', async () => {
    const inTeam = `/api/v1/namespaces/${team.namespace}/secrets`;
    const own = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/secrets`;

    const refused = await Promise.all(
      [
        '/api/v1/secrets',
        '/api/v1/secrets?watch=1',
        inTeam,
        `${inTeam}?watch=1`,
        `${inTeam}/foreign`,
        `${inTeam}/lk-unmarked`,
        own,
        `${own}?watch=1`,
        `${own}/sh.helm.release.v1.latchkey.v1`,
      ].map(async (path) => ({ path, status: (await call('GET', path)).status })),
    );
    const allowed = await Promise.all(
      ['latchkey-ca', 'latchkey-path-token'].map(async (name) => (await call('GET', `${own}/${name}`)).status),
    );

    expect(refused.filter(({ status }) => status !== 403)).toEqual([]);
    expect(allowed).toEqual([200, 200]);
  });
});

it('guards against a real danger: the cluster fills a Secret of that type with a token', async () => {
  const { plane } = stage;
  await plane.apply(aTokenSecret('made-by-admin', team.namespace, 'app'));

  const filled = await waitUntil('the token controller', async () => {
    const secret = await team.get<{ data?: { token?: string } }>(
      `/api/v1/namespaces/${team.namespace}/secrets/made-by-admin`,
    );
    return secret.data?.token;
  });

  expect(Buffer.from(filled, 'base64').toString()).toMatch(/^eyJ/);
  await plane.kubectl(['delete', 'secret', 'made-by-admin', '-n', team.namespace]);
});

it('lets only the controller write the certificate authority', async () => {
  const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/secrets/latchkey-ca`;
  const patchAs = async (serviceAccount: string) => {
    const token = await stage.plane.tokenFor({ namespace: SYSTEM_NAMESPACE, serviceAccount });
    return stage.plane.request('PATCH', path, { body: {}, contentType: MERGE, token });
  };

  const webhook = await patchAs('latchkey-webhook');
  const controller = await patchAs('latchkey-controller');

  expect([webhook.status, controller.status]).toEqual([403, 200]);
  expect(webhook.text).toContain('[NAMESPACE_NOT_OPTED_IN]');
});
