import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { caFormat } from '../../src/tls/ca-secret.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../src/tls/certificate-authority.ts';
import { signLeaf } from '../../src/tls/leaf.ts';
import { pathTokenFormat } from '../../src/tls/path-token.ts';
import { freePort } from '../plane/ports.ts';
import { startClusterServer } from './cluster-server.ts';
import { readImage } from './image.ts';
import { preparePodEnvironment } from './pod-environment.ts';
import { clusterManifests } from './scene.ts';
import { type ServerProcess, startServerProcess, untilReady } from './server-process.ts';

const DAY_MS = 86_400_000;
const SYSTEM_NAMESPACE = 'latchkey-system';

/** Everything that stays as it is from one start of the webhook to the next. */
export interface Surroundings {
  readonly authority: CertificateAuthority;
  /** Whether the webhook finds its cluster as a Pod does. */
  readonly isPod: boolean;
  /** Where reviews are sent. */
  readonly url: string;
  /** Starts `latchkey webhook` of a bundle and resolves when it is ready. */
  start(main: string): Promise<StartedWebhook>;
  close(): void;
}

export interface StartedWebhook extends ServerProcess {
  readonly startMs: number;
  readonly startCpuMs: number;
}

/** An API server with what the webhook looks for, and files that lead there: a bundle runs as it does in its image. */
export async function prepareSurroundings(directory: string): Promise<Surroundings> {
  const now = new Date();
  const authority = await createCertificateAuthority(DAY_MS, now);
  const token = randomBytes(32).toString('hex');
  const leaf = await signLeaf(authority, { names: ['127.0.0.1'], lifetimeMs: DAY_MS, now });
  const ownSecrets = [
    ownSecret('latchkey-ca', caFormat.write({ current: { value: authority, since: now } })),
    ownSecret('latchkey-path-token', pathTokenFormat.write({ current: { value: token, since: now } })),
  ];
  const cluster = await startClusterServer([...clusterManifests(), ...ownSecrets], leaf);
  const port = await freePort();
  const origin = `https://127.0.0.1:${port}`;

  const pod = await preparePodEnvironment(new URL(cluster.url), authority.certificatePem, directory);
  const config = join(directory, 'latchkey.yaml');
  await writeFile(
    config,
    stringify({
      server: { listen: `127.0.0.1:${port}`, metricsListen: '127.0.0.1:0', drain: '0s' },
      tls: { extraNames: ['127.0.0.1'] },
    }),
  );
  const image = readImage();
  const environment = { ...image.environment, ...pod.environment };
  const stdout = await openLogPipe(join(directory, 'log'));

  return {
    authority,
    isPod: pod.isPod,
    url: `${origin}/mutate/${token}?timeout=10s`,
    async start(main) {
      const startedMs = performance.now();
      const args = [...image.flags, main, 'webhook', '--config', config, ...pod.args];
      const process = startServerProcess({ ...pod, environment, args, stdout: stdout.fd });
      await untilReady(`${origin}/readyz`, authority.certificatePem, process);
      return { ...process, startMs: performance.now() - startedMs, startCpuMs: process.cpuMs() };
    },
    close() {
      cluster.close();
      void stdout.close();
    },
  };
}

/** The access log goes where a container's goes: into a pipe that another process reads. */
async function openLogPipe(path: string) {
  execFileSync('mkfifo', [path]);
  spawn('sh', ['-c', 'exec cat "$0" > /dev/null', path], { stdio: 'ignore' });
  return open(path, 'w');
}

function ownSecret(name: string, values: ReturnType<typeof caFormat.write>): object {
  const data = Object.entries(values).map(([key, value]) => [key, Buffer.from(value.expose()).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name, namespace: SYSTEM_NAMESPACE },
    data: Object.fromEntries(data) as unknown,
  };
}
