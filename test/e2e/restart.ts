import { waitUntil } from '../plane/wait-until.ts';
import type { Environment, Overrides } from './processes.ts';
import type { Stage } from './stage.ts';

/** Stops all of Latchkey and starts it anew, with settings over the chart's; without any, as the stage began. */
export async function restartLatchkey(
  { processes, endpoints }: Stage,
  overrides: Overrides = {},
  environment: Environment = {},
): Promise<void> {
  const untilListed = (count: number) =>
    waitUntil(`${count} replicas are listed`, async () => endpoints.listed().length === count, { timeoutMs: 60_000 });
  await Promise.all([processes.controller(0), processes.webhook(0), processes.webhook(1)].map((one) => one.stop()));
  await untilListed(0);
  await Promise.all([
    processes.startController(0, overrides, environment),
    ...[0, 1].map((replica) => processes.startWebhook(replica, overrides, environment)),
  ]);
  await untilListed(2);
}
