import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs } from '../config.ts';
import { createLeaderElection, type LeaderElection } from '../controller/leader-election.ts';
import { systemClock } from '../kube/clock.ts';
import { startMetricsServer } from '../server/metrics-server.ts';
import { type Check, createProbes } from '../server/probe-routes.ts';
import { type Foundation, startFoundation } from './foundation.ts';
import { createLeaderWork, type LeaderWork } from './leader-work.ts';
import { type ProcessContext, startProcess, untilSignalled } from './process.ts';
import type { ProcessOptions } from './program.ts';

/** `latchkey controller`: any number of replicas, of which one leads. */
export async function runController(options: ProcessOptions): Promise<void> {
  const context = await startProcess(options);
  const foundation = startFoundation(context);
  const controller = startController(context, foundation);
  const { config, metrics, log } = context;
  const probes = createProbes({ live: controller.live, ready: foundation.checks });
  const metricsServer = await startMetricsServer({ listen: config.server.metricsListen, metrics, probes });

  await Promise.race([untilSignalled(log), controller.failed]);
  probes.shutDown();
  await controller.stop();
  await Promise.all([metricsServer.stop(), foundation.stop()]);
  await context.client.close();
}

export interface RunningController {
  /** Progress, not an open port: a loop that stands still is restarted. */
  readonly live: readonly Check[];
  /** Rejects when the election or its work ends by a fault of ours. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Campaigns, and works while it leads; for `controller` and `serve`. */
export function startController(context: ProcessContext, foundation: Foundation): RunningController {
  const { config, client, log, metrics, instance } = context;
  const stopping = new AbortController();
  const election = createLeaderElection({
    client,
    namespace: config.namespace,
    leaseName: config.controller.leaseName,
    identity: instance,
    log,
    clock: systemClock,
  });
  const work = createLeaderWork(context, foundation);
  metrics.gauge({
    name: 'latchkey_controller_leader',
    help: '1 for the replica that leads',
    read: () => Number(election.isLeader()),
  });
  const running = campaign(election, work, stopping.signal);
  const failed = running.then(() => new Promise<never>(() => undefined));
  failed.catch((err: unknown) => log.error({ err }, 'the controller ends'));

  return {
    live: [{ name: 'progress', holds: () => work.isAlive() || 'the work stands still' }],
    failed,
    async stop() {
      stopping.abort();
      const limit = sleep(durationMs(config.server.drain), undefined, { ref: false });
      await Promise.race([running.catch(() => undefined), limit]);
    },
  };
}

async function campaign(election: LeaderElection, work: LeaderWork, signal: AbortSignal): Promise<void> {
  await election.run({ onStarted: (leading) => work.run(leading) }, signal);
}
