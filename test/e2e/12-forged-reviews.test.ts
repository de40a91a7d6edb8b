import { readFile, stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { markAudit, writesOf } from './audit-log.ts';
import { createMarker } from './marker.ts';
import { parseResponse, postToReplica, type Published, readPublished, reviewOf } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, podSpec, type Team, workload } from './team.ts';

const CLOSED = 'forged-closed';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const MEBIBYTE = 1024 * 1024;

let stage: Stage;
let team: Team;
let published: Published;
const marker = createMarker();

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'forged');
  await team.put('db', { password: marker.text });
  await stage.plane.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: CLOSED } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: CLOSED } },
  );
  published = await waitUntil('the published configuration', () => readPublished(stage.plane));
});

function env() {
  return [{ name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` }];
}

function post(replica: number, body: unknown, more: { path?: string; chunked?: boolean; headers?: object } = {}) {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return postToReplica(stage, replica, text, { ...published, ...more, headers: { ...more.headers } });
}

async function expectHealthy(): Promise<void> {
  for (const replica of [0, 1]) {
    const answer = await post(replica, reviewOf(team.namespace, bare('healthy', env()), { dryRun: true }));
    expect(parseResponse(answer)).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(stage.processes.webhook(replica).running).toBe(true);
  }
  expect(stage.endpoints.listed()).toHaveLength(2);
}

describe('a review without the path token', () => {
  it.each([
    ['no path', () => '/'],
    ['no token', () => '/mutate'],
    ['an empty token', () => '/mutate/'],
    ['another token', () => `/mutate/${'0'.repeat(64)}`],
    ['the token in upper case', () => published.path.toUpperCase().replace('/MUTATE', '/mutate')],
    ['the token with one letter more', () => `${published.path}0`],
    ['the token without its last letter', () => published.path.slice(0, -1)],
    ['a way around', () => `/mutate/../mutate/${'f'.repeat(64)}`],
    ['a percent sign alone', () => '/mutate/%'],
  ])('is refused with 4xx and nothing done: %s', async (_what, path) => {
    const mark = markAudit();

    const answers = await Promise.all(
      [0, 1].map((replica) => post(replica, reviewOf(team.namespace, bare('one', env())), { path: path() })),
    );

    for (const { status, text } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(text).not.toContain(published.path.slice('/mutate/'.length));
    }
    expect(await writesOf(stage.plane, mark, team.namespace)).toEqual([]);
  });
});

describe('a forged review with the path token', () => {
  const controlledBy = (kind: string, name: string, uid: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
  });

  beforeAll(async () => {
    await team.create(workload('Deployment', 'real', { replicas: 0 }));
    await waitUntil('a ReplicaSet', async () => (await replicaSets()).length === 1);
  });

  async function replicaSets() {
    const path = `/apis/apps/v1/namespaces/${team.namespace}/replicasets`;
    return (await team.get<{ items: { metadata: { name: string } }[] }>(path)).items;
  }

  it.each([
    ['a namespace that has not opted in', async () => reviewOf(CLOSED, bare('one', env())), 'NAMESPACE_NOT_OPTED_IN'],
    ['a namespace that does not exist', async () => reviewOf('no-such', bare('one', env())), 'NAMESPACE_NOT_OPTED_IN'],
    ['our own namespace', async () => reviewOf('latchkey-system', bare('one', env())), 'NAMESPACE_NOT_OPTED_IN'],
    [
      'an owner with a false uid',
      async () => {
        const [real] = await replicaSets();
        return reviewOf(
          team.namespace,
          bare('one', env(), controlledBy('ReplicaSet', real?.metadata.name ?? '', NOBODY)),
        );
      },
      'OWNER_INVALID',
    ],
    [
      'an owner that does not exist',
      async () => reviewOf(team.namespace, bare('one', env(), controlledBy('StatefulSet', 'no-such', NOBODY))),
      'OWNER_INVALID',
    ],
    [
      'a ServiceAccount that does not exist',
      async () => {
        const pod = bare('one', []);
        return reviewOf(team.namespace, { ...pod, spec: { ...podSpec(env()), serviceAccountName: 'no-such' } });
      },
      'SERVICE_ACCOUNT_NOT_FOUND',
    ],
    [
      'an ephemeral container of a Pod that does not exist',
      async () =>
        reviewOf(
          team.namespace,
          {
            ...bare('one', [], { uid: NOBODY }),
            spec: podSpec([], { ephemeralContainers: [{ name: 'debug', image: 'i', env: env() }] }),
          },
          { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: bare('one', [], { uid: NOBODY }) },
        ),
      'OWNER_INVALID',
    ],
    [
      'the deletion of a Pod',
      async () => reviewOf(team.namespace, bare('one', env()), { operation: 'DELETE' }),
      'MANIFEST_INVALID',
    ],
  ])('about %s mints no token and writes nothing', async (_what, review, code) => {
    const mark = markAudit();
    const body = await review();

    const answers = await Promise.all([0, 1].map((replica) => post(replica, body)));

    for (const answer of answers) {
      const { allowed, status, patch } = parseResponse(answer);
      expect({ allowed, patch }).toEqual({ allowed: false, patch: undefined });
      expect(status?.message).toContain(`[${code}]`);
    }
    for (const namespace of [team.namespace, CLOSED, 'no-such', 'latchkey-system']) {
      const writes = await writesOf(stage.plane, mark, namespace);
      // Leader election goes on in our own namespace.
      expect(writes.filter((write) => write !== 'update leases')).toEqual([]);
    }
  });

  it('that is correct brings its sender no value, only the names of what was written', async () => {
    const mark = markAudit();

    const answer = await post(0, reviewOf(team.namespace, bare('one', env())));

    const { allowed, patch = '' } = parseResponse(answer);
    const decoded = Buffer.from(patch, 'base64').toString();
    expect(allowed).toBe(true);
    expect(decoded).toContain('secretKeyRef');
    expect([...marker.findIn(answer.text), ...marker.findIn(decoded)]).toEqual([]);
    // The same count sees what a review that is believed leads to.
    const writes = await writesOf(stage.plane, mark, team.namespace);
    expect(writes.slice(0, 3)).toEqual(['create serviceaccounts/token', 'patch leases', 'patch secrets']);
    await waitUntil(
      'nothing of it stays',
      async () => (await team.leases()).length + (await team.secrets()).length === 0,
      { timeoutMs: 90_000 },
    );
  });
});

describe('a body that no API server sends', () => {
  const pod = () => bare('one', env());
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  /** A correct review with one place of it replaced by raw JSON. */
  const reviewWith = (part: object, raw: string) =>
    JSON.stringify(reviewOf(team.namespace, { ...pod(), ...part })).replace('"@"', () => raw);
  const proto = (raw: string) => `{"__proto__":${raw},"constructor":{"prototype":${raw}}}`;

  it.each<[string, () => string | Buffer]>([
    ['nothing', () => ''],
    ['garbage', () => Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['a number', () => '42'],
    ['half a review', () => JSON.stringify(reviewOf(team.namespace, pod())).slice(0, 300)],
    ['another kind', () => JSON.stringify({ ...reviewOf(team.namespace, pod()), kind: 'Pod' })],
    ['an old version', () => JSON.stringify({ ...reviewOf('a', pod()), apiVersion: 'admission.k8s.io/v1beta1' })],
    ['no request', () => JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })],
    ['a uid that is no text', () => JSON.stringify(reviewOf(team.namespace, pod(), { uid: 7 }))],
    ['objects a million deep', () => nested(1_000_000)],
    ['lists a million deep', () => '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
    ['a review that stands only in __proto__', () => proto(JSON.stringify(reviewOf(team.namespace, pod())))],
  ])('%s is refused with 400', async (_what, body) => {
    const answers = await Promise.all([0, 1].map((replica) => post(replica, body())));

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    await expectHealthy();
  });

  it.each<[string, () => string]>([
    ['a Pod that is a list', () => JSON.stringify(reviewOf(team.namespace, pod(), { object: [] }))],
    ['a Pod that is nothing', () => JSON.stringify(reviewOf(team.namespace, pod(), { object: null }))],
    ['a namespace that is an object', () => JSON.stringify(reviewOf(team.namespace, pod(), { namespace: {} }))],
    [
      'a resource in __proto__',
      () => reviewWith({}, '').replace('"resource":{', '"resource":{"__proto__":{').replace('"pods"}', '"pods"}}'),
    ],
    [
      'a Pod that is deep at a reference',
      () =>
        reviewWith({ spec: podSpec([...env(), { name: 'DEEP', value: 'secretstore://@' }]) }, '')
          .replace('"secretstore://@"', nested(100_000))
          .replace(`/db#password`, '/no-such#password'),
    ],
    [
      'an annotation of __proto__',
      () =>
        reviewWith(
          { metadata: { name: 'one', annotations: { 'latchkey.dev/env': '{__proto__: {}, constructor: []}' } } },
          '',
        ),
    ],
    [
      'an env of __proto__',
      () =>
        reviewWith(
          { spec: podSpec([{ name: '__proto__', value: 'secretstore://__proto__/__proto__#__proto__' }]) },
          '',
        ),
    ],
    [
      'an owner of __proto__',
      () =>
        reviewWith(
          { metadata: { name: 'one', ownerReferences: ['@'] } },
          '{"__proto__":{"controller":true},"controller":true,"apiVersion":"apps/v1","kind":"ReplicaSet","name":"__proto__","uid":"x"}',
        ),
    ],
  ])('%s is denied', async (_what, body) => {
    const answers = await Promise.all([0, 1].map((replica) => post(replica, body())));

    for (const answer of answers) {
      expect(parseResponse(answer).allowed).toBe(false);
      expect(parseResponse(answer).status?.code).toBeLessThan(500);
    }
    await expectHealthy();
  });

  it.each<[string, () => string]>([
    ['deep where nobody looks', () => reviewWith({ status: '@' }, nested(500_000))],
    [
      '__proto__ among its labels',
      () => reviewWith({ metadata: { name: 'one', labels: '@' } }, proto('{"latchkey.dev/inject":"false"}')),
    ],
  ])('a Pod that is %s is planned like any other', async (_what, body) => {
    const review = body().replace('"dryRun":false', '"dryRun":true');

    const answers = await Promise.all([0, 1].map((replica) => post(replica, review)));

    for (const answer of answers) {
      const { allowed, patch = '' } = parseResponse(answer);
      expect(allowed).toBe(true);
      expect(Buffer.from(patch, 'base64').toString()).toContain('secretKeyRef');
    }
    await expectHealthy();
  });

  it.each([
    ['a length of 8 MiB', { chunked: false }],
    ['8 MiB in chunks', { chunked: true }],
  ])('%s is refused with 413', async (_what, { chunked }) => {
    const body = JSON.stringify(reviewOf(team.namespace, { ...pod(), junk: 'x'.repeat(8 * MEBIBYTE) }));

    const answers = await Promise.all([0, 1].map((replica) => post(replica, body, { chunked })));

    expect(answers.map(({ status }) => status)).toEqual([413, 413]);
    await expectHealthy();
  });

  it('8 MiB without the path token are refused with 404', async () => {
    const answer = await post(0, 'x'.repeat(8 * MEBIBYTE), { path: `/mutate/${'0'.repeat(64)}` });

    expect(answer.status).toBe(404);
    await expectHealthy();
  });

  it.each([
    ['another content type', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a content type that cannot be read', { 'content-type': ';;;' }],
    ['a content encoding', { 'content-encoding': 'gzip' }],
  ])('%s changes nothing in what is read, or is refused', async (_what, headers) => {
    const answer = await post(0, reviewOf(team.namespace, pod(), { dryRun: true }), { headers });

    if (answer.status === 200) expect(parseResponse(answer).patch).toBeDefined();
    else expect([400, 415]).toContain(answer.status);
    await expectHealthy();
  });

  it('none of them was an unexpected failure to us', async () => {
    for (const replica of [0, 1]) {
      const { logPath } = stage.processes.webhook(replica);
      expect((await stat(logPath)).size).toBeGreaterThan(1000);
      expect(await readFile(logPath, 'utf8')).not.toContain('unexpectedly');
    }
  });
});
