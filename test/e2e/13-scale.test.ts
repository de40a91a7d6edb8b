import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { CACHE_TTL_MS } from './chart.ts';
import { socketsTo } from './open-sockets.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, decode, type Team, workload } from './team.ts';
import { callsOfRole, liveTokens, sessionsOf } from './vault-traffic.ts';

const PODS = 1000;
const REPLICAS = 2;
/** S: remote secrets of the Deployment. */
const REMOTE_SECRETS = ['db', 'mail', 'queue'] as const;

let stage: Stage;
const teams: Team[] = [];

beforeAll(async () => {
  stage = await getStage();
});

// A thousand Pods would slow down every file after this one.
afterAll(async () => {
  await Promise.all(
    teams.map(({ namespace }) => stage.plane.kubectl(['delete', 'namespace', namespace, '--timeout=120s'])),
  );
});

async function aDeployment(title: string, replicas: number): Promise<Team> {
  const team = await createTeam(stage, title);
  teams.push(team);
  for (const key of REMOTE_SECRETS) await team.put(key, { password: `of ${key}`, user: 'app' });
  const env = REMOTE_SECRETS.flatMap((key) => [
    { name: `${key.toUpperCase()}_USER`, value: `secretstore://vault/${team.namespace}/${key}#user` },
    { name: `${key.toUpperCase()}_PASSWORD`, value: `secretstore://vault/${team.namespace}/${key}#password` },
  ]);
  await team.create(workload('Deployment', 'api', { replicas, env }));
  return team;
}

async function untilReady(team: Team, wanted: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${team.namespace}/deployments/api`;
  await waitUntil(
    `${wanted} Pods run`,
    async () => (await team.get<{ status?: { readyReplicas?: number } }>(path)).status?.readyReplicas === wanted,
    { timeoutMs: 150_000, intervalMs: 500 },
  );
}

async function scale({ namespace }: Team, replicas: number): Promise<void> {
  await stage.plane.kubectl(['scale', '-n', namespace, 'deployment/api', `--replicas=${replicas}`]);
}

/** S reads in each TTL that has begun and one login in all: less than S+1 a TTL. */
function allowed(elapsedMs: number): number {
  return REMOTE_SECRETS.length * Math.ceil(elapsedMs / CACHE_TTL_MS) + 1;
}

/** Of processes that read a kubeconfig, which costs 50 MiB that a Pod's own credentials do not. */
async function report(title: string, figures: Readonly<Record<string, number>>): Promise<void> {
  const memory = await Promise.all(
    (
      [
        ['webhook', 0],
        ['webhook', 1],
        ['controller', 0],
      ] as const
    ).map(async ([kind, replica]) => {
      const metrics = await stage.processes.metrics(kind, replica);
      const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
      return `${kind}-${replica} ${Math.round(bytes / 2 ** 20)} MiB`;
    }),
  );
  const numbers = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`scale, ${title}: ${[...numbers, `RSS ${memory.join(', ')}`].join(', ')}\n`);
}

/** Every value arrived, in one Secret, and no Pod was stored before it. */
async function expectOneSecret(team: Team): Promise<void> {
  const secrets = await team.secrets();
  expect(secrets).toHaveLength(1);
  expect(secrets[0]?.metadata.ownerReferences?.map(({ kind }) => kind)).toEqual(['ReplicaSet']);
  for (const key of REMOTE_SECRETS) expect(decode(secrets[0], `${key.toUpperCase()}_PASSWORD`)).toBe(`of ${key}`);
}

describe(`${PODS} Pods of one Deployment before two replicas`, () => {
  it('run with one Secret and at most S+1 provider calls a replica and TTL, and nothing unused stays open', async () => {
    await report('before', {});
    const startedMs = Date.now();
    const checked = stage.checker.keys;

    const team = await aDeployment('thousand', PODS);
    await untilReady(team, PODS);

    const elapsedMs = Date.now() - startedMs;
    const calls = await callsOfRole(stage.vault, team.namespace, startedMs);
    await report('at once', {
      Pods: PODS,
      seconds: Math.round(elapsedMs / 1000),
      calls: calls.length,
      Secrets: (await team.secrets()).length,
    });
    await expectOneSecret(team);
    expect(stage.checker.missing).toEqual([]);
    expect(stage.checker.keys - checked).toBeGreaterThanOrEqual(PODS * REMOTE_SECRETS.length * 2);
    expect(sessionsOf(calls)).toHaveLength(REPLICAS);
    for (const session of sessionsOf(calls)) {
      expect(session.filter(({ kind }) => kind === 'login')).toHaveLength(1);
      expect(session.length).toBeLessThanOrEqual(allowed(elapsedMs));
    }
    expect(await liveTokens(stage.vault, team.namespace)).toBe(REPLICAS);

    await stage.plane.kubectl(['delete', '-n', team.namespace, 'deployment/api', '--wait=false']);
    const pids = [0, 1].map((replica) => stage.processes.webhook(replica).pid);
    const port = Number(new URL(stage.vault.address).port);
    await waitUntil(
      'idle tokens are revoked and idle sockets closed',
      async () => {
        const sockets = await Promise.all(pids.map((pid) => socketsTo(pid, port)));
        return sockets.every((count) => count === 0) && (await liveTokens(stage.vault, team.namespace)) === 0;
      },
      { timeoutMs: 100_000, intervalMs: 1000 },
    );
    await waitUntil('the Secret is gone', async () => (await team.secrets()).length === 0, { timeoutMs: 60_000 });
  });

  it('slower than the cache lives, they still cost at most S+1 calls a replica and TTL', async () => {
    const steps = 8;
    const startedMs = Date.now();

    const team = await aDeployment('steps', PODS / steps);
    for (let step = 1; step <= steps; step += 1) {
      await scale(team, (PODS / steps) * step);
      await untilReady(team, (PODS / steps) * step);
      await waitUntil('the next TTL', async () => Date.now() - startedMs > step * 1.3 * CACHE_TTL_MS);
    }

    const elapsedMs = Date.now() - startedMs;
    const calls = await callsOfRole(stage.vault, team.namespace, startedMs);
    await report('in steps', {
      Pods: PODS,
      seconds: Math.round(elapsedMs / 1000),
      TTLs: Math.ceil(elapsedMs / CACHE_TTL_MS),
      calls: calls.length,
      Secrets: (await team.secrets()).length,
    });
    await expectOneSecret(team);
    expect(stage.checker.missing).toEqual([]);
    expect(calls.filter(({ kind }) => kind === 'read').length).toBeGreaterThan(REPLICAS * REMOTE_SECRETS.length);
    expect(sessionsOf(calls).length).toBeLessThanOrEqual(REPLICAS);
    for (const session of sessionsOf(calls)) expect(session.length).toBeLessThanOrEqual(allowed(elapsedMs));
  });
});
