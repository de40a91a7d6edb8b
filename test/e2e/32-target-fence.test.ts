import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { SYSTEM_NAMESPACE, upgradeChart, VALUES } from './chart.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, type Team } from './team.ts';

const MANAGED = { 'reconcile.external-secrets.io/managed': 'true' };
const FOREIGN_DATA = Buffer.from('not for latchkey').toString('base64');
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
/** Not opted in. */
const CLOSED = 'target-fence-closed';

let stage: Stage;
let team: Team;
let tokens: Readonly<Record<string, string>>;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'target-fence');
  const serviceAccounts = ['latchkey-webhook', 'latchkey-controller'];
  const issued = serviceAccounts.map((serviceAccount) =>
    stage.plane.tokenFor({ namespace: SYSTEM_NAMESPACE, serviceAccount }),
  );
  const [webhook = '', controller = ''] = await Promise.all(issued);
  tokens = { webhook, controller };
  await stage.plane.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: CLOSED } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: CLOSED } },
    aSecret('closed', CLOSED, { labels: MANAGED }),
    aSecret('unmarked-closed', CLOSED),
    aSecret('foreign', team.namespace),
    aSecret('managed', team.namespace, { labels: MANAGED }),
    aSecret('adopted', team.namespace, { annotations: { 'latchkey.dev/adopt': 'true' } }),
    aSecret('adopted-by-label', team.namespace, { labels: { 'latchkey.dev/adopt': 'true' } }),
    aSecret('made', team.namespace, { annotations: { 'latchkey.dev/external-secret': 'made' } }),
    aSecret('not-adopted', team.namespace, { annotations: { 'latchkey.dev/adopt': 'false' } }),
  );
});

function aSecret(name: string, namespace: string, metadata: object = {}, type = 'Opaque'): KubernetesObject {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, ...metadata } };
  return { ...secret, type, data: { key: FOREIGN_DATA } };
}

function path(name: string, namespace = team.namespace): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

function call(process: string, method: string, url: string, body?: unknown, contentType = 'application/json') {
  const content = body === undefined ? {} : { body, contentType };
  return stage.plane.request<{ message?: string }>(method, url, { token: tokens[process] ?? '', ...content });
}

function look(process: string, name: string, namespace?: string) {
  return call(process, 'PATCH', path(name, namespace), {}, MERGE);
}

function write(process: string, secret: KubernetesObject) {
  const { name, namespace } = secret.metadata;
  return call(process, 'PATCH', `${path(name, namespace)}?fieldManager=latchkey&force=true`, secret, APPLY);
}

describe('the controller', () => {
  it.each(['managed', 'adopted', 'adopted-by-label', 'made'])('may look at a Secret that is %s', async (name) => {
    const { status } = await look('controller', name);

    expect(status).toBe(200);
  });

  it.each(['foreign', 'not-adopted'])('may neither look at nor write a Secret that is %s', async (name) => {
    const answers = [
      await look('controller', name),
      await write('controller', aSecret(name, team.namespace, { labels: MANAGED })),
      await call('controller', 'DELETE', path(name)),
    ];

    for (const { status, text } of answers) {
      expect(status).toBe(403);
      expect(text).toContain('[TARGET_CONFLICT]');
      expect(text).not.toContain(FOREIGN_DATA);
    }
  });

  it('creates a Secret with the mark, and none without it', async () => {
    const marked = await write('controller', aSecret('new', team.namespace, { labels: MANAGED }));
    const unmarked = await write('controller', aSecret('newer', team.namespace));

    expect([marked.status, unmarked.status]).toEqual([201, 403]);
  });

  it('may delete what is marked', async () => {
    await write('controller', aSecret('goes', team.namespace, { labels: MANAGED }));

    const { status } = await call('controller', 'DELETE', path('goes'));

    expect(status).toBe(200);
  });

  it('cannot take a mark away from what it does not leave to itself', async () => {
    const { status } = await call('controller', 'PATCH', path('managed'), { metadata: { labels: null } }, MERGE);

    expect(status).toBe(403);
  });

  it.each(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])(
    'makes no Secret of type %s',
    async (type) => {
      const annotations = { 'kubernetes.io/service-account.name': 'app' };
      const { status } = await write(
        'controller',
        aSecret('token', team.namespace, { labels: MANAGED, annotations }, type),
      );

      expect(status).toBe(403);
    },
  );

  it.each([
    ['a namespace that has not opted in', CLOSED, 'closed'],
    ['its own', SYSTEM_NAMESPACE, 'any'],
    ['kube-system', 'kube-system', 'any'],
  ])('writes no target in %s', async (_what, namespace, name) => {
    const { status, text } = await write('controller', aSecret(name, namespace, { labels: MANAGED }));

    expect(status).toBe(403);
    expect(text).toContain('[NAMESPACE_NOT_OPTED_IN]');
  });

  it('cannot delete its own certificate authority', async () => {
    const { status } = await call('controller', 'DELETE', path('latchkey-ca', SYSTEM_NAMESPACE));

    expect(status).toBe(403);
  });
});

describe('the webhook', () => {
  it.each(['managed', 'adopted', 'made', 'foreign'])('may not look at a Secret that is %s', async (name) => {
    const { status, text } = await look('webhook', name);

    expect(status).toBe(403);
    expect(text).not.toContain(FOREIGN_DATA);
  });

  it('makes no targets, and deletes no Secrets', async () => {
    const made = await write('webhook', aSecret('of-webhook', team.namespace, { labels: MANAGED }));
    const deleted = await call('webhook', 'DELETE', path('managed'));

    expect([made.status, deleted.status]).toEqual([403, 403]);
  });
});

describe('with externalSecrets.namespaces: all', () => {
  beforeAll(async () => {
    const config = { ...VALUES.config, externalSecrets: { namespaces: 'all' } };
    await upgradeChart(stage.plane, { ...VALUES, config });
    await waitUntil('the fence is open', async () => (await look('controller', 'closed', CLOSED)).status === 200, {
      timeoutMs: 60_000,
    });
  });

  afterAll(async () => {
    await upgradeChart(stage.plane, VALUES);
    await waitUntil('the fence is closed', async () => (await look('controller', 'closed', CLOSED)).status === 403, {
      timeoutMs: 60_000,
    });
  });

  it('the controller takes tokens and writes targets everywhere but in its own namespace', async () => {
    const token = (namespace: string, serviceAccount: string) =>
      call('controller', 'POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: ['vault'], expirationSeconds: 600 },
      });

    const statuses = [
      (await write('controller', aSecret('opened', CLOSED, { labels: MANAGED }))).status,
      (await token(CLOSED, 'app')).status,
      (await write('controller', aSecret('any', SYSTEM_NAMESPACE, { labels: MANAGED }))).status,
      (await token(SYSTEM_NAMESPACE, 'latchkey-controller')).status,
    ];

    expect(statuses).toEqual([201, 201, 403, 403]);
  });

  it('the controller reads no foreign Secret, and writes none of what Pods get there', async () => {
    const ours = { 'app.kubernetes.io/managed-by': 'latchkey' };
    const answers = [
      await look('controller', 'unmarked-closed', CLOSED),
      await write('controller', aSecret('lk-closed', CLOSED, { labels: ours })),
      await look('webhook', 'closed', CLOSED),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });
});
