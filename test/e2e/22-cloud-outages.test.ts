import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { type CloudTeam, createCloudTeam } from './cloud-team.ts';
import { OUTAGES } from './cloud-outages.ts';
import { CLOUD_STORES, type Clouds, startClouds } from './clouds.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, podSpec, workload } from './team.ts';

/** Of the API server: `timeoutSeconds` of the webhook. */
const ADMISSION_MS = 10_000;
const LEAST_OUTAGE_MS = 10_000;
const RECOVERY_MS = 30_000;
const REPLICAS = 3;
const REMOTE_SECRETS = [0, 1, 2, 3];
/** The chart's memory limit. */
const MEMORY_LIMIT_MIB = 512;

let stage: Stage;
let clouds: Clouds;
let team: CloudTeam;
let pids: readonly number[];

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage, { circuit: { failures: 5, open: '5s' } }); // as it is where nobody sets it
  team = await createCloudTeam(clouds, 'outages');
  pids = webhooks().map(({ pid }) => pid);
  await team.putEverywhere('before');
  const env = CLOUD_STORES.map((store) => team.reference(store, 'before'));
  const { status, message } = await team.create(bare('before', env));
  if (status !== 201) throw new Error(message);
  await report('before', []);
});

afterAll(async () => {
  await clouds.stop();
  await stage.plane.kubectl(['delete', 'namespace', team.namespace, '--timeout=120s']);
});

function webhooks() {
  return [0, 1].map((replica) => stage.processes.webhook(replica));
}

async function gauge(replica: number, name: string): Promise<number> {
  const metrics = await stage.processes.metrics('webhook', replica);
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
}

/** Prints the figures, and the memory of both webhooks in MiB, which it returns. */
async function report(title: string, figures: readonly string[]): Promise<readonly number[]> {
  const memory = await Promise.all(
    [0, 1].map(async (replica) => Math.round((await gauge(replica, 'process_resident_memory_bytes')) / 2 ** 20)),
  );
  process.stdout.write(`outages, ${title}: ${[...figures, `RSS ${memory.join(' and ')} MiB`].join(', ')}\n`);
  return memory;
}

interface Tried {
  readonly pod: KubernetesObject;
  readonly status: number;
  readonly message: string;
  readonly tookMs: number;
}

/** For each store and remote secret one Pod, so that many calls are made at once. */
function manyPods(prefix: string, serviceAccountName: string): readonly KubernetesObject[] {
  return CLOUD_STORES.flatMap((store) =>
    REMOTE_SECRETS.map((index) => ({
      ...bare(`${prefix}-${store}-${serviceAccountName}-${index}`, []),
      spec: podSpec([team.reference(store, `${prefix}-${index}`)], { serviceAccountName }),
    })),
  );
}

function createAll(pods: readonly KubernetesObject[]): Promise<readonly Tried[]> {
  return Promise.all(
    pods.map(async (pod) => {
      const startedMs = Date.now();
      const { status, message } = await team.create(pod);
      return { pod, status, message, tookMs: Date.now() - startedMs };
    }),
  );
}

/** As somebody does who applies refused Pods again. */
async function createUntilAdmitted(pods: readonly KubernetesObject[]): Promise<void> {
  let left = pods;
  await waitUntil(
    'all Pods are admitted',
    async () => {
      left = (await createAll(left)).filter(({ status }) => status !== 201).map(({ pod }) => pod);
      return left.length === 0;
    },
    { timeoutMs: 2 * RECOVERY_MS, intervalMs: 1000 },
  );
}

/** The last refusals of the ReplicaSets of those Deployments, by Deployment. */
async function failuresOf(names: readonly string[]): Promise<readonly (string | undefined)[]> {
  const events = await team.events();
  return names.map(
    (name) =>
      events.findLast(
        ({ reason, regarding }) => reason === 'FailedCreate' && regarding.startsWith(`ReplicaSet ${name}-`),
      )?.message,
  );
}

async function readyReplicas(name: string): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${team.namespace}/deployments/${name}`;
  return (await team.get<{ status?: { readyReplicas?: number } }>(path)).status?.readyReplicas ?? 0;
}

describe('while each cloud fails', () => {
  it.each(OUTAGES.map((outage, index) => ({ ...outage, prefix: `outage-${index}` })))(
    'because it $title, Pods are refused in time with $code, and run soon after it ended',
    async ({ title, code, prefix, begin, end }) => {
      for (const index of REMOTE_SECRETS) await team.putEverywhere(`${prefix}-${index}`);
      const stranger = `${prefix}-app`; // has no session anywhere yet
      await team.enrol(stranger, 'read');
      const deployments = CLOUD_STORES.map((store) => `${prefix}-${store}`);

      await begin(clouds);
      const beganMs = Date.now();
      for (const store of CLOUD_STORES) {
        const env = [team.reference(store, `${prefix}-0`)];
        const options = { replicas: REPLICAS, env, podSpec: { serviceAccountName: stranger } };
        await team.create(workload('Deployment', `${prefix}-${store}`, options));
      }
      const known = manyPods(prefix, 'app');
      const refused = await createAll([...known, ...manyPods(prefix, stranger)]);
      await waitUntil('every Deployment was refused a Pod', async () =>
        (await failuresOf(deployments)).every((message) => message !== undefined),
      );
      await waitUntil('the outage lasted', async () => Date.now() - beganMs > LEAST_OUTAGE_MS);
      const failures = await failuresOf(deployments);
      const during = await report(`${title}, during`, []);
      await end(clouds);
      const endedMs = Date.now();
      const running = new Map<string, number>();
      await waitUntil(
        'all Pods run',
        async () => {
          for (const name of deployments) {
            if (!running.has(name) && (await readyReplicas(name)) === REPLICAS) running.set(name, Date.now() - endedMs);
          }
          return running.size === deployments.length;
        },
        { timeoutMs: 2 * RECOVERY_MS },
      );
      await createUntilAdmitted(known);
      const admittedMs = Date.now() - endedMs;

      const slowest = Math.max(...refused.map(({ tookMs }) => tookMs));
      const recoveries = deployments.map((name) => `${name.slice(prefix.length + 1)} ${running.get(name)} ms`);
      const after = await report(title, [
        `${refused.length} Pods refused, the slowest after ${slowest} ms`,
        `outage of ${endedMs - beganMs} ms`,
        `Pods ran after it: ${recoveries.join(', ')}`,
        `those applied again: ${admittedMs} ms`,
      ]);
      expect(refused.map(({ message }) => message).filter((message) => !message.includes(`[${code}]`))).toEqual([]);
      expect(refused.map(({ status }) => status)).not.toContain(201);
      expect(slowest).toBeLessThan(ADMISSION_MS);
      // A circuit may have opened since, which is PROVIDER_UNAVAILABLE.
      for (const message of failures) expect(message).toMatch(new RegExp(`\\[(${code}|PROVIDER_UNAVAILABLE)\\]`));
      for (const ms of [...running.values(), admittedMs]) expect(ms).toBeLessThan(RECOVERY_MS);
      for (const mib of [...during, ...after]) expect(mib).toBeLessThan(MEMORY_LIMIT_MIB);
    },
  );

  it('nothing of Latchkey was started anew, and nothing stays open', async () => {
    expect(webhooks().map(({ pid }) => pid)).toEqual(pids);
    expect(webhooks().map(({ running }) => running)).toEqual([true, true]);
    await waitUntil(
      'connections to the clouds are closed',
      async () => [clouds.aws, clouds.google, clouds.azure].every(({ sockets }) => sockets.size === 0),
      { timeoutMs: 100_000, intervalMs: 1000 },
    );
    await report('at the end', []);
  });
});
