import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, decode, podSpec, type SecretObject, type Team } from './team.ts';

let stage: Stage;
let team: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'workloads');
  await team.put('db', { password: 'x', other: 'y' });
});

function env(property = 'password') {
  return [{ name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#${property}` }];
}

function ownersOf(secret: SecretObject | undefined): readonly string[] {
  return (secret?.metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`);
}

async function secretOwnedBy(owner: RegExp): Promise<SecretObject> {
  let found: SecretObject | undefined;
  await waitUntil(
    `a Secret owned by ${owner.source}`,
    async () => {
      found = (await team.secrets()).find((secret) => ownersOf(secret).some((name) => owner.test(name)));
      return found !== undefined;
    },
    { timeoutMs: 120_000 },
  );
  if (found === undefined) throw new Error('unreachable');
  return found;
}

describe('workloads of every kind', () => {
  it('a Job owns the Secret of its Pods', async () => {
    const template = { spec: { ...podSpec(env()), restartPolicy: 'Never' } };

    await team.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { template } });

    expect(decode(await secretOwnedBy(/^Job once$/), 'PASSWORD')).toBe('x');
  });

  it("a CronJob's annotations reach the Pods of its Jobs", async () => {
    await team.create({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: {
        name: 'nightly',
        annotations: { 'latchkey.dev/env.TOKEN': `secretstore://vault/${team.namespace}/db#other` },
      },
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec([]), restartPolicy: 'Never' } } } },
      },
    });

    expect(decode(await secretOwnedBy(/^Job nightly-/), 'TOKEN')).toBe('y');
    await stage.plane.kubectl(['delete', 'cronjob', 'nightly', '-n', team.namespace]);
  });

  it('an owner of a kind that we cannot read is replaced by the Pod itself', async () => {
    const { object: configMap } = await team.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'custom' },
    });
    const owner = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      name: 'w',
      uid: configMap.metadata.uid,
      controller: true,
    };

    const { status, message } = await team.create(bare('owned', env('other'), { ownerReferences: [owner] }));

    expect({ status, message }).toEqual({ status: 201, message: '' });
    await secretOwnedBy(/^Pod owned$/);
  });

  it('an ephemeral container added by kubectl debug has its secret at once, owned by the Pod', async () => {
    await team.create(bare('debugged', []));
    await waitUntil('the Pod runs', async () =>
      (await team.pods()).some(({ metadata, status }) => metadata.name === 'debugged' && status?.phase === 'Running'),
    );

    const reference = `secretstore://vault/${team.namespace}/db#password`;
    await stage.plane.kubectl([
      'debug',
      'debugged',
      '-n',
      team.namespace,
      '--image=busybox',
      '--container=shell',
      `--env=PASSWORD=${reference}`,
    ]);

    const secret = await secretOwnedBy(/^Pod debugged$/);
    expect(decode(secret, 'PASSWORD')).toBe('x');
    const pod = (await team.pods()).find(({ metadata }) => metadata.name === 'debugged');
    const containers = pod?.spec['ephemeralContainers'] as { env: unknown }[] | undefined;
    expect(containers?.[0]?.env).toEqual([
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: secret.metadata.name, key: 'PASSWORD' } } },
    ]);
  });

  it('no Pod of this run was stored before its Secret', () => {
    expect(stage.checker.missing).toEqual([]);
    expect(stage.checker.keys).toBeGreaterThan(0);
  });
});
