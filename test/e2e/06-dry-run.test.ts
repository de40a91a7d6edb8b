import { beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { markAudit, writesOf } from './audit-log.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, type PodObject, type Team, workload } from './team.ts';
import { callsOfRole } from './vault-traffic.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await getStage();
});

async function aTeam(title: string): Promise<Team> {
  const team = await createTeam(stage, title);
  await team.put('db', { user: 'app', password: 'x' });
  return team;
}

function envOf({ namespace }: Team) {
  return [
    { name: 'PLAIN', value: 'plain' },
    { name: 'PASSWORD', value: `secretstore://vault/${namespace}/db#password` },
    { name: 'DSN', value: `postgres://\${secretstore://vault/${namespace}/db#user}@$(HOST)/db` },
  ];
}

/** `kubectl create`, and everything that we and Vault did for it. */
async function create(team: Team, pod: KubernetesObject, flags: readonly string[]) {
  const { plane, vault } = stage;
  const mark = markAudit();
  const startedMs = Date.now();
  const args = ['create', '-n', team.namespace, '-f', '-', '-o', 'json', ...flags];
  const { stdout } = await plane.kubectl(args, { input: JSON.stringify(pod) });
  return {
    pod: JSON.parse(stdout) as PodObject,
    // The controller may still be telling the status of the new store.
    writes: (await writesOf(plane, mark, team.namespace)).filter((write) => !/ (events|secretstores)\b/.test(write)),
    reads: (await callsOfRole(vault, team.namespace, startedMs)).map(({ kind }) => kind),
  };
}

/** What our patch can have changed. */
function patched({ metadata, spec }: PodObject) {
  const { labels, annotations } = metadata;
  const containers = spec['containers'] as { readonly env?: unknown; readonly envFrom?: unknown }[];
  return { labels, annotations, env: containers.map(({ env, envFrom }) => ({ env, envFrom })) };
}

async function expectNothingBehind(team: Team): Promise<void> {
  expect(await team.secrets()).toEqual([]);
  expect(await team.leases()).toEqual([]);
  expect(await team.pods()).toEqual([]);
}

describe('kubectl create --dry-run=server', () => {
  it('of a bare Pod shows the Pod as it would be, writes nothing and asks nobody', async () => {
    const team = await aTeam('dry-bare');
    const pod = bare('one', envOf(team), {
      labels: { app: 'one' },
      annotations: { 'latchkey.dev/env-from': `secretstore://vault/${team.namespace}/db?prefix=DB_` },
    });

    const dry = await create(team, pod, ['--dry-run=server']);
    await expectNothingBehind(team);
    const real = await create(team, pod, []);

    expect(dry.writes).toEqual([]);
    expect(dry.reads).toEqual([]);
    // The same counters do see what a real creation costs.
    expect(real.writes).toEqual(
      expect.arrayContaining(['create serviceaccounts/token', 'patch leases', 'patch secrets']),
    );
    expect(real.reads).toEqual(expect.arrayContaining(['login', 'read']));
    expect(patched(dry.pod)).toEqual(patched(real.pod));
    expect(dry.pod.metadata.annotations?.['latchkey.dev/plan']).toContain('"lk-');
    expect(stage.checker.missing).toEqual([]);
  });

  it('of a Pod of a live ReplicaSet takes the annotations above it into account', async () => {
    const team = await aTeam('dry-owned');
    const annotations = { 'latchkey.dev/env.TOKEN': `secretstore://vault/${team.namespace}/db#user` };
    await team.create(workload('Deployment', 'api', { replicas: 0, env: envOf(team), annotations }));
    const pod = bare('by-hand', envOf(team), { ownerReferences: [await replicaSetOf(team)] });

    const dry = await create(team, pod, ['--dry-run=server']);
    await expectNothingBehind(team);
    const real = await create(team, pod, []);

    expect(dry.writes).toEqual([]);
    expect(dry.reads).toEqual([]);
    expect(real.writes).toEqual(expect.arrayContaining(['create serviceaccounts/token', 'patch secrets']));
    expect(real.writes).not.toContain('patch leases');
    expect(real.reads).toEqual(expect.arrayContaining(['login', 'read']));
    expect(patched(dry.pod)).toEqual(patched(real.pod));
    expect(JSON.stringify(patched(dry.pod).env)).toContain('"TOKEN"');
    const [secret] = await team.secrets();
    expect(secret?.metadata.ownerReferences?.map(({ kind }) => kind)).toEqual(['ReplicaSet']);
    expect(dry.pod.metadata.annotations?.['latchkey.dev/plan']).toContain(`"${secret?.metadata.name}"`);
  });

  it('refuses what can be known without asking a provider', async () => {
    const team = await aTeam('dry-refused');
    const pod = bare('one', [{ name: 'A', value: 'secretstore://valt/any' }]);

    await expect(create(team, pod, ['--dry-run=server'])).rejects.toThrow('[STORE_NOT_FOUND]');
    await expectNothingBehind(team);
  });
});

async function replicaSetOf(team: Team): Promise<Readonly<Record<string, unknown>>> {
  const { metadata } = await waitUntil('the ReplicaSet', async () => {
    const { items } = await team.get<{ items: readonly PodObject[] }>(
      `/apis/apps/v1/namespaces/${team.namespace}/replicasets`,
    );
    return items[0];
  });
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: metadata.name, uid: metadata.uid, controller: true };
}
