import { request } from 'node:https';
import { join } from 'node:path';
import type { PlaneParts } from './build.ts';
import type { KeyPair } from './certificates.ts';
import * as flags from './control-plane-flags.ts';
import { writeCredentials } from './credentials.ts';
import type { ManagedProcess, ProcessGroup } from './managed-process.ts';
import { portPool } from './ports.ts';
import { waitUntil } from './wait-until.ts';

export interface ControlPlane {
  readonly serverUrl: string;
  readonly caPem: string;
  readonly auditLogPath: string;
  readonly adminKubeconfigPath: string;
  readonly admin: KeyPair;
}

const READY_TIMEOUT_MS = 60_000;

/** Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and KWOK in the directory. */
export async function startControlPlane(
  parts: PlaneParts,
  directory: string,
  processes: ProcessGroup,
  env: NodeJS.ProcessEnv,
): Promise<ControlPlane> {
  const ports = await portPool(6);
  const apiPort = ports.take();
  const etcdUrl = `http://127.0.0.1:${ports.take()}`;
  const peerUrl = `http://127.0.0.1:${ports.take()}`;
  const serverUrl = `https://127.0.0.1:${apiPort}`;
  const auditLogPath = join(directory, 'audit.log');
  const credentials = await writeCredentials(directory, serverUrl);
  function start(name: string, values: flags.Flags): ManagedProcess {
    return processes.spawn(name, parts.controlPlane, [name, ...toArgs(values)], { env });
  }

  start('etcd', flags.etcdFlags(join(directory, 'etcd'), etcdUrl, peerUrl));
  const server = start('kube-apiserver', flags.apiServerFlags(credentials, { etcdUrl, port: apiPort, auditLogPath }));
  await ready(server, `${serverUrl}/readyz`, credentials.caPem);
  start('kube-controller-manager', flags.controllerManagerFlags(credentials, ports.take()));
  start('kube-scheduler', flags.schedulerFlags(credentials, ports.take()));
  const kwok = flags.kwokFlags(credentials, ports.take(), parts.kwokStages);
  processes.spawn('kwok', parts.kwok, toArgs(kwok), { env });
  return {
    serverUrl,
    caPem: credentials.caPem,
    auditLogPath,
    adminKubeconfigPath: credentials.kubeconfigs.admin,
    admin: credentials.admin,
  };
}

async function ready(server: ManagedProcess, url: string, ca: string): Promise<void> {
  await waitUntil('kube-apiserver', async () => !server.running || (await status(url, ca)) === 200, {
    timeoutMs: READY_TIMEOUT_MS,
  });
  if (!server.running) throw new Error(`kube-apiserver ended:\n${await server.logTail()}`);
}

function status(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('error', reject);
    call.end();
  });
}

function toArgs(values: flags.Flags): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
