import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** How a process is told where its API server is. */
export interface PodEnvironment {
  readonly wrapper: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** As in a Pod; otherwise with a kubeconfig, whose reader takes 26 MB and some 70 ms more than a ServiceAccount's. */
  readonly isPod: boolean;
}

// A mount namespace of its own, in which the kubelet's folder is ours.
const ENTER = 'mount -t tmpfs tmpfs /var/run && mkdir -p "$1" && cp "$0"/* "$1" && shift && exec "$@"';
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** As a Pod finds its cluster, where this machine lets us mount; else by a kubeconfig. */
export async function preparePodEnvironment(server: URL, ca: string, directory: string): Promise<PodEnvironment> {
  const folder = join(directory, 'serviceaccount');
  await mkdir(folder);
  const files = { 'ca.crt': ca, token: 'bench', namespace: 'latchkey-system' };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const wrapper = ['unshare', '-rm', 'sh', '-c', ENTER, folder, SERVICE_ACCOUNT_FOLDER];
  const environment = { KUBERNETES_SERVICE_HOST: server.hostname, KUBERNETES_SERVICE_PORT: server.port };
  if (canRun([...wrapper, 'true'])) return { wrapper, environment, args: [], isPod: true };

  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, stringify(kubeconfigOf(server.origin, ca)));
  return { wrapper: [], environment: {}, args: ['--kubeconfig', kubeconfig], isPod: false };
}

function canRun([command = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function kubeconfigOf(server: string, ca: string): object {
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  };
}
