import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildPlane } from '../plane/build.ts';
import { type Plane, startPlane } from '../plane/plane.ts';
import { keepServiceEndpoints, type ServiceEndpoints } from '../plane/service-endpoints.ts';
import type { Vault } from '../plane/vault.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { type CheckingWebhook, startCheckingWebhook } from './checking-webhook.ts';
import { installChart, SYSTEM_NAMESPACE } from './chart.ts';
import { createProcesses, type Processes } from './processes.ts';
import { noteDirectory } from './plane-directory.ts';

/** Everything that the end-to-end tests share: a real control plane with the chart installed and Latchkey running in it. */
export interface Stage {
  readonly plane: Plane;
  readonly vault: Vault;
  readonly processes: Processes;
  readonly endpoints: ServiceEndpoints;
  /** Looks at every Secret that a Pod refers to in the moment the Pod is stored. */
  readonly checker: CheckingWebhook;
}

const NODES = 12;

let shared: Promise<Stage> | undefined;

/** Starts the stage once for all files of a run; it ends with the test runner. */
export function getStage(): Promise<Stage> {
  return (shared ??= startStage());
}

async function startStage(): Promise<Stage> {
  const built = await buildPlane();
  if (!built.ok) throw new Error(built.reason);
  const plane = await startPlane({ parts: built.parts, keepDirectory: process.env['KEEP_PLANE'] !== undefined });
  await noteDirectory(plane.directory);
  await buildBundle(join(plane.directory, 'dist'));
  const [vault] = await Promise.all([plane.startVault(), plane.addNodes(NODES)]);
  await installChart(plane);
  const checker = await startCheckingWebhook(plane);
  const processes = await createProcesses(plane);
  await processes.startController(0);
  await Promise.all([processes.startWebhook(0), processes.startWebhook(1)]);
  const endpoints = await keepServiceEndpoints(plane, {
    namespace: SYSTEM_NAMESPACE,
    service: 'latchkey-webhook',
    port: processes.webhookPort,
    targets: processes.targets(),
  });
  await waitUntil('both webhook replicas are ready', async () => endpoints.listed().length === 2, {
    timeoutMs: 60_000,
  });
  await waitUntil('the leftovers policy is enforced', () => refusesLeftovers(plane), { timeoutMs: 60_000 });
  process.stdout.write(`e2e stage ready: ${plane.directory}\n`);
  return { plane, vault, processes, endpoints, checker };
}

/** A bundle of this run's own: other runs may build at the same time. */
async function buildBundle(directory: string): Promise<void> {
  const cwd = new URL('../..', import.meta.url).pathname;
  await promisify(execFile)('npm', ['run', 'build', '--', directory], { cwd });
}

/** New policies take some seconds; the namespace is none of the tests'. */
async function refusesLeftovers(plane: Plane): Promise<boolean> {
  const namespace = 'policy-probe';
  await plane.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'latchkey.dev/inject': 'enabled' } },
  });
  const { body } = await plane.request<{ message?: string }>(
    'POST',
    `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
    {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'probe' },
        spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: 'secretstore://none/key' }] }] },
      },
    },
  );
  return body.message?.includes('[STORE_NOT_FOUND]') ?? false;
}
