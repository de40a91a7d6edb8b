import { waitUntil } from '../plane/wait-until.ts';
import type { Environment, Overrides } from './processes.ts';
import type { Stage } from './stage.ts';

/** Stops all of Latchkey and starts it anew, with settings over the chart's; without any, as the stage began. */
export async function restartLatchkey(
  stage: Stage,
  overrides: Overrides = {},
  environment: Environment = {},
): Promise<void> {
  const { processes } = stage;
  await Promise.all([processes.controller(0), processes.webhook(0), processes.webhook(1)].map((one) => one.stop()));
  await untilListed(stage, 0);
  await Promise.all([
    processes.startController(0, overrides, environment),
    ...[0, 1].map((replica) => processes.startWebhook(replica, overrides, environment)),
  ]);
  await untilListed(stage, 2);
}

/** For what the validating webhook would refuse: it fails open, so while no replica runs it can be applied. */
export async function whileNoWebhookRuns(stage: Stage, work: () => Promise<void>): Promise<void> {
  const { processes } = stage;
  await Promise.all([0, 1].map((replica) => processes.webhook(replica).stop()));
  await untilListed(stage, 0);
  await work();
  await Promise.all([0, 1].map((replica) => processes.startWebhook(replica)));
  await untilListed(stage, 2);
}

function untilListed({ endpoints }: Stage, count: number): Promise<unknown> {
  const areListed = async () => endpoints.listed().length === count;
  return waitUntil(`${count} replicas are listed`, areListed, { timeoutMs: 60_000 });
}
