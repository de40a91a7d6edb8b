import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlaneParts } from './build.ts';
import { startControlPlane } from './control-plane.ts';
import { type ManagedProcess, ProcessGroup, type SpawnOptions } from './managed-process.ts';
import { insideNamespace, PLANE_ADDRESSES } from './namespace.ts';
import { addNodes } from './nodes.ts';
import { createPlaneClient, type PlaneClient, type PlaneDescriptor } from './plane-client.ts';
import { startVault, type Vault } from './vault.ts';
import { waitUntil } from './wait-until.ts';

/** A running control plane and whatever is started in it. */
export interface Plane extends PlaneClient {
  /** For `createPlaneClient` in another process. */
  readonly descriptor: PlaneDescriptor;
  addNodes(count: number): Promise<void>;
  startVault(): Promise<Vault>;
  /** Starts a process that ends with the plane; its output goes to `<directory>/<name>.log`. */
  spawn(name: string, command: string, args: readonly string[], options?: SpawnOptions): ManagedProcess;
  /** Ends everything that was started, last first, and removes the directory. */
  stop(): Promise<void>;
}

export interface PlaneOptions {
  readonly parts: PlaneParts;
  /** Leave logs and data in place after `stop()`. */
  readonly keepDirectory?: boolean;
}

/** Starts a plane of its own in a fresh temporary directory and waits until Pods can be created in it. */
export async function startPlane({ parts, keepDirectory = false }: PlaneOptions): Promise<Plane> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-plane-'));
  const processes = new ProcessGroup(directory);
  // Nothing of the caller's: a proxy setting would send webhook calls away, HOME is written to.
  const env = { PATH: process.env['PATH'], HOME: directory };
  async function stop(): Promise<void> {
    await processes.stop();
    if (!keepDirectory) await rm(directory, { recursive: true, force: true });
  }
  try {
    const serviceRouting = insideNamespace();
    const descriptor: PlaneDescriptor = {
      ...(await startControlPlane(parts, directory, processes, env)),
      directory,
      addresses: serviceRouting ? PLANE_ADDRESSES : ['127.0.0.1'],
      serviceRouting,
      kubectlPath: parts.kubectl,
      helmPath: parts.helm,
    };
    const client = createPlaneClient(descriptor);
    await acceptsPods(client);
    return {
      ...client,
      descriptor,
      addNodes: (count) => addNodes(client, count),
      startVault: () => startVault(parts.openBao, client, processes, env),
      spawn: (name, command, args, options) => processes.spawn(name, command, args, options),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A Pod needs its namespace's default ServiceAccount, which the controller manager makes. */
async function acceptsPods(client: PlaneClient): Promise<void> {
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  await waitUntil('the default ServiceAccount', async () => (await client.request('GET', path)).status === 200);
}
