import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { CACHE_TTL_MS } from './chart.ts';
import { type CloudTeam, createCloudTeam } from './cloud-team.ts';
import { loginsAt, markTraffic, readsByLogin } from './cloud-traffic.ts';
import { CLOUD_STORES, type Clouds, startClouds } from './clouds.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, decode, type EnvEntry, podSpec, workload } from './team.ts';
import { callsOfRole, sessionsOf } from './vault-traffic.ts';

const REPLICAS = 2;
const PODS = 500;
/** S: remote secrets that the Deployment reads from each store. */
const REMOTE_SECRETS = ['user', 'password', 'host'] as const;
const SECRETS = Array.from({ length: 20 }, (_, index) => `secret-${index}`);
const PARAMETERS = Array.from({ length: 10 }, (_, index) => `parameter-${index}`);
const OPERATIONS = [
  'secretsmanager.BatchGetSecretValue',
  'secretsmanager.GetSecretValue',
  'ssm.GetParameters',
  'ssm.GetParameter',
] as const;

let stage: Stage;
let clouds: Clouds;
let team: CloudTeam;
const namespaces: string[] = [];

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage);
  team = await aTeam('batches');
  for (const name of SECRETS) await team.putEverywhere(name, ['sm']);
  for (const name of PARAMETERS) await team.putEverywhere(name, ['ssm']);
});

afterAll(async () => {
  await clouds.stop();
  await stage.plane.kubectl(['delete', 'namespace', ...namespaces, '--timeout=120s']);
});

async function aTeam(title: string): Promise<CloudTeam> {
  const created = await createCloudTeam(clouds, title);
  namespaces.push(created.namespace);
  return created;
}

/** The prefix makes it another Secret, of the same remote secrets. */
function manyReferences(prefix: string): readonly EnvEntry[] {
  return [
    ...SECRETS.map((name, index) => team.reference('sm', name, `${prefix}_SECRET_${index}`)),
    ...PARAMETERS.map((name, index) => team.reference('ssm', name, `${prefix}_PARAMETER_${index}`)),
  ];
}

/** Creates a Pod with 20 secrets and 10 parameters; how often each operation was called for it. */
async function callsOf(name: string, serviceAccount: string): Promise<readonly number[]> {
  const before = OPERATIONS.map((operation) => clouds.aws.count(operation));
  const spec = podSpec(manyReferences(name.toUpperCase().replace('-', '_')), { serviceAccountName: serviceAccount });
  const { status, message } = await team.create({ ...bare(name, []), spec });
  expect([status, message]).toEqual([201, '']);
  const calls = OPERATIONS.map((operation, index) => clouds.aws.count(operation) - (before[index] ?? 0));
  const figures = OPERATIONS.map((operation, index) => `${operation} ${calls[index]}`);
  process.stdout.write(`clouds, ${name}: ${figures.join(', ')}\n`);
  return calls;
}

describe('20 secrets and 10 parameters of AWS in one Pod', () => {
  it('cost one BatchGetSecretValue and one GetParameters', async () => {
    expect(await callsOf('batched', 'app')).toEqual([1, 0, 1, 0]);

    const [secret] = await team.secrets();
    expect(decode(secret, 'BATCHED_SECRET_19')).toBe('secret-19 of sm');
    expect(decode(secret, 'BATCHED_PARAMETER_9')).toBe('parameter-9 of ssm');
  });

  it('are read one by one for a role that may only do that, which each replica learns once', async () => {
    await team.enrol('single', 'single');

    expect(await callsOf('single-1', 'single')).toEqual([1, SECRETS.length, 1, PARAMETERS.length]);

    const asked = [];
    for (const round of [2, 3, 4]) {
      await untilCacheIsCold();
      asked.push(await callsOf(`single-${round}`, 'single'));
    }
    for (const [, secrets, , parameters] of asked) {
      expect([secrets, parameters]).toEqual([SECRETS.length, PARAMETERS.length]);
    }
    // One more each where another replica answered.
    for (const index of [0, 2]) {
      expect(asked.reduce((sum, calls) => sum + (calls[index] ?? 0), 0)).toBeLessThanOrEqual(REPLICAS - 1);
    }
  });
});

describe(`${PODS} Pods of one Deployment`, () => {
  it('cost at most S+1 calls a replica, store and TTL', async () => {
    const crowd = await aTeam('crowd');
    for (const name of REMOTE_SECRETS) await crowd.putEverywhere(name);
    const stores = [...CLOUD_STORES, 'vault'] as const;
    const env = stores.flatMap((store) =>
      REMOTE_SECRETS.map((name) => crowd.reference(store, name, `${store}_${name}`.toUpperCase())),
    );
    const mark = markTraffic(clouds);
    const checked = stage.checker.keys;
    const startedMs = Date.now();

    await crowd.create(workload('Deployment', 'api', { replicas: PODS, env }));
    await untilReady(crowd);

    const elapsedMs = Date.now() - startedMs;
    const ttls = Math.ceil(elapsedMs / CACHE_TTL_MS);
    const vaultCalls = await callsOfRole(stage.vault, crowd.namespace, startedMs);
    const vaultReads = sessionsOf(vaultCalls).map((session) => session.filter(({ kind }) => kind === 'read').length);
    const reads = {
      ...Object.fromEntries(CLOUD_STORES.map((store) => [store, readsByLogin(clouds, store, mark)])),
      vault: vaultReads,
    };
    const logins = {
      aws: loginsAt(clouds, 'aws', mark),
      google: loginsAt(clouds, 'google', mark),
      azure: loginsAt(clouds, 'azure', mark),
      vault: vaultCalls.filter(({ kind }) => kind === 'login').length,
    };
    process.stdout.write(
      `clouds, ${PODS} Pods in ${Math.round(elapsedMs / 1000)} s, ${ttls} TTLs, S ${REMOTE_SECRETS.length}: ` +
        `reads of each login ${JSON.stringify(reads)}, logins ${JSON.stringify(logins)}\n`,
    );

    expect(stage.checker.missing).toEqual([]);
    expect(stage.checker.keys - checked).toBeGreaterThanOrEqual(PODS * env.length);
    for (const sessions of Object.values(reads)) {
      expect(sessions.length).toBeGreaterThan(0);
      expect(sessions.length).toBeLessThanOrEqual(REPLICAS);
      for (const count of sessions) expect(count).toBeLessThanOrEqual(REMOTE_SECRETS.length * ttls);
    }
    // A store's client logs in once a replica.
    expect(logins.aws).toBeLessThanOrEqual(2 * REPLICAS);
    for (const count of [logins.google, logins.azure, logins.vault]) expect(count).toBeLessThanOrEqual(REPLICAS);
  });
});

async function untilReady(crowd: CloudTeam): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${crowd.namespace}/deployments/api`;
  await waitUntil(
    `${PODS} Pods run`,
    async () => (await crowd.get<{ status?: { readyReplicas?: number } }>(path)).status?.readyReplicas === PODS,
    { timeoutMs: 150_000, intervalMs: 500 },
  );
}

/** Longer than values are served, so that the next Pod has them read. */
async function untilCacheIsCold(): Promise<void> {
  const fromMs = Date.now();
  await waitUntil('cached values are old', async () => Date.now() - fromMs > 1.5 * CACHE_TTL_MS);
}
