import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { type Config, isListenAddress, parseConfig } from '../config.ts';
import { LatchkeyError } from '../errors.ts';
import { createKubeClient, type HttpKubeClient } from '../kube/http-client.ts';
import { loadKubeConfig } from '../kube/load-kube-config.ts';
import { createLog, type Log } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import type { ProcessOptions } from './program.ts';
import { releaseStartMemory } from './release-start-memory.ts';

/** What every long-running process begins with. */
export interface ProcessContext {
  readonly config: Config;
  readonly client: HttpKubeClient;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Different for every process, also for two of one Pod. */
  readonly instance: string;
}

/** Throws CONFIG_INVALID or CLUSTER_UNAVAILABLE before anything runs. */
export async function startProcess(options: ProcessOptions): Promise<ProcessContext> {
  const config = await readConfig(options);
  const log = createLog(options.logLevel);
  const access = await loadKubeConfig({ kubeconfig: options.kubeconfig, environment: process.env });
  const client = createKubeClient(access, { userAgent: 'latchkey', maxConnections: 32 });
  releaseStartMemory();
  const instance = `${hostname()}_${randomBytes(4).toString('hex')}`;
  return { config, client, log, metrics: createMetrics({ processMetrics: true }), instance };
}

export async function readConfig({ config: path, listen }: Pick<ProcessOptions, 'config' | 'listen'>): Promise<Config> {
  const config = path === undefined ? parseConfig('', process.env) : parseFile(await readText(path), path);
  if (listen === undefined) return config;
  if (!isListenAddress(listen)) {
    throw new LatchkeyError('CONFIG_INVALID', `--listen ${listen} is no address and port`, {
      hint: 'Write one such as 127.0.0.1:8443',
    });
  }
  return { ...config, server: { ...config.server, listen } };
}

function parseFile(text: string, path: string): Config {
  try {
    return parseConfig(text, process.env);
  } catch (error) {
    throw LatchkeyError.from(error).at(path);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('CONFIG_INVALID', `the file ${path} cannot be read`, { hint: 'Correct --config', cause });
  }
}

/** Runs until SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignalled(log: Log): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'stopping');
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}
