import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';

/** Addresses on the namespace's loopback device. The API server refuses 127.0.0.0/8 in an EndpointSlice. */
export const PLANE_ADDRESSES = ['10.231.0.1', '10.231.0.2', '10.231.0.3'] as const;

const MARKER = 'LATCHKEY_PLANE_NETNS';

const SETUP = [
  'set -e',
  'ip link set lo up',
  ...PLANE_ADDRESSES.map((address) => `ip address add ${address}/32 dev lo`),
  'exec "$@"',
].join('\n');

/** Root first; an ordinary user is root inside a user namespace of its own, where the kernel allows one. */
const WAYS_IN = [['--net'], ['--net', '--map-root-user']] as const;

/** True in a process that `runInNamespace` has put into the plane's network namespace. */
export function insideNamespace(): boolean {
  return process.env[MARKER] === '1';
}

/**
 * Runs the command in an unnamed network namespace, which goes with its last process. Without one (no root, no
 * iproute2, not Linux) the command runs as it is. Resolves to the exit code a shell would give.
 */
export function runInNamespace(command: string, args: readonly string[]): Promise<number> {
  const way = insideNamespace() ? undefined : WAYS_IN.find(canEnter);
  if (way) return runToEnd('unshare', [...way, 'sh', '-c', SETUP, 'sh', command, ...args], { [MARKER]: '1' });
  if (!insideNamespace()) {
    console.error('plane: no network namespace can be made here; webhooks are called through clientConfig.url');
  }
  return runToEnd(command, args, {});
}

function canEnter(way: readonly string[]): boolean {
  return spawnSync('unshare', [...way, 'sh', '-c', SETUP, 'sh', 'true'], { stdio: 'ignore' }).status === 0;
}

function runToEnd(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    function forward(signal: NodeJS.Signals): void {
      child.kill(signal);
    }
    process.on('SIGTERM', forward);
    // A Ctrl-C reaches the child by itself; this process only has to outlive it.
    process.on('SIGINT', ignore);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', forward);
      process.off('SIGINT', ignore);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

function ignore(): void {}
