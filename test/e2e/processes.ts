import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ManagedProcess } from '../plane/managed-process.ts';
import type { Plane } from '../plane/plane.ts';
import type { EndpointTarget } from '../plane/service-endpoints.ts';
import { readChartConfig, SYSTEM_NAMESPACE } from './chart.ts';

/** Latchkey's processes, as the chart's Deployments would run them: its bundle, its configuration, its ServiceAccounts. */
export interface Processes {
  readonly webhookPort: number;
  targets(): readonly EndpointTarget[];
  webhook(replica: number): ManagedProcess;
  controller(replica: number): ManagedProcess;
  startWebhook(replica: number, overrides?: Overrides, environment?: Environment): Promise<ManagedProcess>;
  startController(replica: number, overrides?: Overrides, environment?: Environment): Promise<ManagedProcess>;
  metrics(kind: Kind, replica: number): Promise<string>;
  /** Logs of every process that ran so far. */
  readonly logPaths: readonly string[];
}

type Kind = 'webhook' | 'controller';
/** Settings merged over the chart's, section by section. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** Variables beside the test runner's own. */
export type Environment = Readonly<Record<string, string>>;

const NODE = new URL('../../node_modules/.bin/node', import.meta.url).pathname;
const WEBHOOK_PORT = 8443;
const METRICS_PORTS = { webhook: 9090, controller: 9190 } as const;

export async function createProcesses(plane: Plane): Promise<Processes> {
  const running = new Map<string, ManagedProcess>();
  const logPaths = new Set<string>();
  for (const kind of ['webhook', 'controller'] as const) {
    const path = join(plane.directory, `${kind}.kubeconfig`);
    await plane.kubeconfigFor({ namespace: SYSTEM_NAMESPACE, serviceAccount: `latchkey-${kind}`, path });
  }

  function addressOf(replica: number): string {
    const address = plane.addresses[replica];
    if (address === undefined) throw new Error(`the plane has no address for replica ${replica}`);
    return address;
  }

  async function start(
    kind: Kind,
    replica: number,
    overrides: Overrides = {},
    environment: Environment = {},
  ): Promise<ManagedProcess> {
    const name = `${kind}-${replica}`;
    const config = parse(await readChartConfig(plane)) as Record<string, Record<string, unknown>>;
    for (const [section, settings] of Object.entries(overrides)) config[section] = { ...config[section], ...settings };
    config['server'] = {
      ...config['server'],
      metricsListen: `${addressOf(replica)}:${METRICS_PORTS[kind]}`,
      drain: '2s',
    };
    const configPath = join(plane.directory, `${name}.yaml`);
    await writeFile(configPath, stringify(config));
    const listen = kind === 'webhook' ? ['--listen', `${addressOf(replica)}:${WEBHOOK_PORT}`] : [];
    const kubeconfig = join(plane.directory, `${kind}.kubeconfig`);
    const args = [
      join(plane.directory, 'dist', 'main.js'),
      kind,
      '--config',
      configPath,
      '--kubeconfig',
      kubeconfig,
      '--log-level',
      'trace',
      ...listen,
    ];
    const started = plane.spawn(name, NODE, args, { env: { ...process.env, ...environment } });
    running.set(name, started);
    logPaths.add(started.logPath);
    return started;
  }

  function get(kind: Kind, replica: number): ManagedProcess {
    const found = running.get(`${kind}-${replica}`);
    if (found === undefined) throw new Error(`${kind} ${replica} was never started`);
    return found;
  }

  return {
    webhookPort: WEBHOOK_PORT,
    targets: () => [0, 1].map(targetOf),
    webhook: (replica) => get('webhook', replica),
    controller: (replica) => get('controller', replica),
    startWebhook: (replica, overrides, environment) => start('webhook', replica, overrides, environment),
    startController: (replica, overrides, environment) => start('controller', replica, overrides, environment),
    async metrics(kind, replica) {
      const answer = await fetch(`http://${addressOf(replica)}:${METRICS_PORTS[kind]}/metrics`);
      return answer.text();
    },
    get logPaths() {
      return [...logPaths];
    },
  };

  function targetOf(replica: number): EndpointTarget {
    const address = addressOf(replica);
    return { address, probeUrl: `https://${address}:${WEBHOOK_PORT}/readyz` };
  }
}
