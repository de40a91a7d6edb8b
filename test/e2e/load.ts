import { setTimeout as sleep } from 'node:timers/promises';
import type { Plane } from '../plane/plane.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { bare, type Team, workload } from './team.ts';

/** Pods that come all the time: bare ones, each with a Secret of its own, and those of a Deployment that rolls on and on. */
export interface Load {
  /** Waits for that many more bare Pods and one more complete rollout. */
  more(pods: number): Promise<void>;
  /** Starts nothing more and waits for what was started. */
  stop(): Promise<LoadReport>;
}

export interface LoadReport {
  /** Names of the bare Pods. */
  readonly pods: readonly string[];
  readonly rollouts: number;
  /** Messages of refused creations of bare Pods; each was tried again. */
  readonly refusals: readonly string[];
}

interface DeploymentStatus {
  readonly metadata: { readonly generation: number };
  readonly status: Readonly<
    Partial<Record<'observedGeneration' | 'replicas' | 'updatedReplicas' | 'availableReplicas', number>>
  >;
}

export const ROLLING = 'rolling';
export const ROLLING_REPLICAS = 20;

const PODS_PER_SECOND = 20;
const RETRY_MS = 200;

export async function startLoad(plane: Plane, team: Team): Promise<Load> {
  const stopping = new AbortController();
  const pods: string[] = [];
  const refusals: string[] = [];
  const creations: Promise<void>[] = [];
  const value = `secretstore://vault/${team.namespace}/db#password`;
  const path = `/apis/apps/v1/namespaces/${team.namespace}/deployments/${ROLLING}`;
  let rollouts = 0;

  await team.put('db', { password: 'x' });
  const env = [{ name: 'PASSWORD', value }];
  await team.create(workload('Deployment', ROLLING, { replicas: ROLLING_REPLICAS, env }));
  const rolling = roll();
  const ticker = setInterval(() => creations.push(create(creations.length)), 1000 / PODS_PER_SECOND);

  return {
    async more(count) {
      const wanted = { pods: pods.length + count, rollouts: rollouts + 1 };
      const isEnough = async () => pods.length >= wanted.pods && rollouts >= wanted.rollouts;
      await waitUntil(`${count} more Pods and a rollout`, isEnough, { timeoutMs: 90_000 });
    },

    async stop() {
      clearInterval(ticker);
      stopping.abort();
      await Promise.all([...creations, rolling]);
      return { pods, rollouts, refusals };
    },
  };

  async function create(index: number): Promise<void> {
    const name = `load-${index}`;
    const pod = bare(name, [{ name: `PASSWORD_${index}`, value }]);
    for (;;) {
      const { status, message } = await team.create(pod);
      if (status === 201) break;
      refusals.push(message);
      await sleep(RETRY_MS);
    }
    pods.push(name);
  }

  async function roll(): Promise<void> {
    await waitUntil('the first rollout', isRolledOut, { timeoutMs: 90_000 });
    while (!stopping.signal.aborted) {
      const annotations = { 'e2e/rollout': String(rollouts) };
      const body = { spec: { template: { metadata: { annotations } } } };
      const contentType = 'application/merge-patch+json';
      const { status, text } = await plane.request('PATCH', path, { body, contentType });
      if (status !== 200) throw new Error(text);
      await waitUntil('the rollout', isRolledOut, { timeoutMs: 90_000 });
      rollouts += 1;
    }
  }

  async function isRolledOut(): Promise<boolean> {
    const { metadata, status } = await team.get<DeploymentStatus>(path);
    const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
    const isDone = [replicas, updatedReplicas, availableReplicas].every((count) => count === ROLLING_REPLICAS);
    return observedGeneration === metadata.generation && isDone;
  }
}
