import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { markAudit, writesOf } from './audit-log.ts';
import { createMarker } from './marker.ts';
import { parseResponse, postToReplica, type Published, readPublished, reviewOf } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, podSpec, type Team, workload } from './team.ts';

const CLOSED = 'forged-closed';
const NOBODY = '00000000-0000-4000-8000-000000000000';

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

function post(replica: number, review: object, path = published.path) {
  return postToReplica(stage, replica, JSON.stringify(review), { ...published, path });
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
      [0, 1].map((replica) => post(replica, reviewOf(team.namespace, bare('one', env())), path())),
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
  });
});
