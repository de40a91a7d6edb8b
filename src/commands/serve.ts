import { startMetricsServer } from '../server/metrics-server.ts';
import { createProbes } from '../server/probe-routes.ts';
import { startController } from './controller.ts';
import { startFoundation } from './foundation.ts';
import { startProcess, untilSignalled } from './process.ts';
import type { ProcessOptions } from './program.ts';
import { startWebhook } from './webhook.ts';

/** `latchkey serve`: webhook and controller in one process, over the same watches and caches. */
export async function runServe(options: ProcessOptions): Promise<void> {
  const context = await startProcess(options);
  const foundation = startFoundation(context);
  const controller = startController(context, foundation);
  const webhook = await startWebhook(context, foundation);
  const { config, metrics, log } = context;
  const probes = createProbes({ live: controller.live, ready: webhook.checks });
  const metricsServer = await startMetricsServer({ listen: config.server.metricsListen, metrics, probes });

  await Promise.race([untilSignalled(log), controller.failed]);
  probes.shutDown();
  await webhook.stop();
  await controller.stop();
  await Promise.all([metricsServer.stop(), foundation.stop()]);
  await context.client.close();
}
