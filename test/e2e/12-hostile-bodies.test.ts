import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import {
  parseResponse,
  type PostOptions,
  postToReplica,
  type Published,
  readPublished,
  reviewOf,
} from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, podSpec, type Team } from './team.ts';

const MEBIBYTE = 1024 * 1024;

let stage: Stage;
let team: Team;
let published: Published;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'hostile');
  await team.put('db', { password: 'x' });
  published = await waitUntil('the published configuration', () => readPublished(stage.plane));
});

function env() {
  return [{ name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` }];
}

function post(replica: number, body: string | Buffer, more: Partial<PostOptions> = {}) {
  return postToReplica(stage, replica, body, { ...published, ...more });
}

/** Both replicas live, are ready, and plan a correct review. */
async function expectHealthy(): Promise<void> {
  for (const replica of [0, 1]) {
    const answer = await post(
      replica,
      JSON.stringify(reviewOf(team.namespace, bare('healthy', env()), { dryRun: true })),
    );
    expect(parseResponse(answer)).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
    expect(stage.processes.webhook(replica).running).toBe(true);
  }
  expect(stage.endpoints.listed()).toHaveLength(2);
}

describe('a body that no API server sends', () => {
  const pod = () => bare('one', env());
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const proto = (raw: string) => `{"__proto__":${raw},"constructor":{"prototype":${raw}}}`;

  /** A correct review whose Pod and request have other parts; each `HOLE` among them is replaced by raw JSON. */
  const HOLE = '(raw JSON)';
  function review(parts: { pod?: object; request?: Readonly<Record<string, unknown>> }, raw = ''): string {
    const text = JSON.stringify(reviewOf(team.namespace, { ...pod(), ...parts.pod }, parts.request));
    return text.replaceAll(JSON.stringify(HOLE), () => raw);
  }

  it.each<[string, () => string | Buffer]>([
    ['nothing', () => ''],
    ['garbage', () => Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['a number', () => '42'],
    ['half a review', () => review({}).slice(0, 300)],
    ['another kind', () => review({}).replace('AdmissionReview', 'Pod')],
    ['an old version', () => review({}).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')],
    ['no request', () => '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
    ['a uid that is no text', () => review({ request: { uid: 7 } })],
    ['objects a million deep', () => nested(1_000_000)],
    ['lists a million deep', () => '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
    ['a review that stands only in __proto__', () => proto(review({}))],
  ])('%s is refused with 400', async (_what, body) => {
    const answers = await Promise.all([0, 1].map((replica) => post(replica, body())));

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    await expectHealthy();
  });

  it.each<[string, () => string]>([
    ['a Pod that is a list', () => review({ request: { object: [] } })],
    ['a Pod that is nothing', () => review({ request: { object: null } })],
    ['a namespace that is an object', () => review({ request: { namespace: {} } })],
    [
      'a resource that stands only in __proto__',
      () => review({ request: { resource: HOLE } }, proto('{"group":"","resource":"pods"}')),
    ],
    [
      'a Pod that is deep beside a broken reference',
      () =>
        review(
          { pod: { spec: podSpec([{ name: 'A', value: 'secretstore://' }], { containersBefore: HOLE }) } },
          nested(500_000),
        ),
    ],
    [
      'an annotation that is deep YAML',
      () => review({ pod: annotated(`${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`) }),
    ],
    ['an annotation of __proto__', () => review({ pod: annotated('{__proto__: {}, constructor: []}') })],
    [
      'a reference of __proto__',
      () => review({ pod: { spec: podSpec([{ name: '__proto__', value: 'secretstore:///__proto__#__proto__' }]) } }),
    ],
    [
      'an owner of __proto__',
      () =>
        review(
          { pod: { metadata: { name: 'one', ownerReferences: [HOLE] } } },
          '{"__proto__":{"uid":"x"},"controller":true,"apiVersion":"apps/v1","kind":"ReplicaSet","name":"__proto__"}',
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

  function annotated(variables: string): object {
    return { metadata: { name: 'one', annotations: { 'latchkey.dev/env': variables } } };
  }

  it.each<[string, () => string]>([
    ['is deep where nobody looks', () => review({ pod: { status: HOLE }, request: { dryRun: true } }, nested(500_000))],
    [
      'has __proto__ among its annotations',
      () =>
        review(
          { pod: { metadata: { name: 'one', annotations: HOLE } }, request: { dryRun: true } },
          proto('{"latchkey.dev/inject":"false"}'),
        ),
    ],
  ])('a Pod that %s is planned like any other', async (_what, body) => {
    const answers = await Promise.all([0, 1].map((replica) => post(replica, body())));

    for (const answer of answers) {
      const { allowed, patch = '' } = parseResponse(answer);
      expect(allowed).toBe(true);
      expect(Buffer.from(patch, 'base64').toString()).toContain('secretKeyRef');
    }
    await expectHealthy();
  });

  it('a length of 8 MiB is refused with 413 before the body comes', async () => {
    const headers = { 'content-length': String(8 * MEBIBYTE) };

    const answers = await Promise.all([0, 1].map((replica) => post(replica, '{', { headers, unfinished: true })));

    expect(answers.map(({ status }) => status)).toEqual([413, 413]);
    await expectHealthy();
  });

  it('a body without a length is refused with 413 at 7 MiB', async () => {
    const body = review({ pod: { junk: 'x'.repeat(7 * MEBIBYTE) } });

    const answers = await Promise.all(
      [0, 1].map((replica) => post(replica, body, { chunked: true, unfinished: true })),
    );

    expect(answers.map(({ status }) => status)).toEqual([413, 413]);
    await expectHealthy();
  });

  it('without the path token is refused with 404 before it comes', async () => {
    const path = `/mutate/${'0'.repeat(64)}`;
    const headers = { 'content-length': String(8 * MEBIBYTE) };

    const answer = await post(0, '{', { path, headers, unfinished: true });

    expect(answer.status).toBe(404);
    await expectHealthy();
  });

  it.each([
    ['another content type', { 'content-type': 'application/x-www-form-urlencoded' }, 200],
    ['a content type that cannot be read', { 'content-type': ';;;' }, 415],
    ['a content encoding', { 'content-encoding': 'gzip' }, 200],
  ])('with %s is read as the JSON that it is, or refused', async (_what, headers, expected) => {
    const { status } = await post(0, review({ request: { dryRun: true } }), { headers });

    expect(status).toBe(expected);
    await expectHealthy();
  });

  it('none of them was an unexpected failure to us', async () => {
    for (const replica of [0, 1]) {
      const log = await readFile(stage.processes.webhook(replica).logPath, 'utf8');
      expect(log).toContain('review answered');
      expect(log).not.toContain('unexpectedly');
    }
  });
});
