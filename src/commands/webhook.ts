import { createAdmitPod } from '../admission/admit-pod.ts';
import { createAdmitReview } from '../admission/admit-review.ts';
import { verifyPod } from '../admission/ephemeral.ts';
import { systemClock } from '../kube/clock.ts';
import { startMetricsServer } from '../server/metrics-server.ts';
import { type Check, createProbes } from '../server/probe-routes.ts';
import { startWebhookServer } from '../server/server.ts';
import { startPathTokens } from '../tls/path-token.ts';
import { startCertificates } from './certificates.ts';
import { type Foundation, startFoundation } from './foundation.ts';
import { loadTemplateEngine } from './load-template-engine.ts';
import { type ProcessContext, startProcess, untilSignalled } from './process.ts';
import type { ProcessOptions } from './program.ts';
import { createValidation } from './validation.ts';
import { warmProviders } from './warm-providers.ts';

/** `latchkey webhook`: stateless, any number of replicas. */
export async function runWebhook(options: ProcessOptions): Promise<void> {
  const context = await startProcess(options);
  const foundation = startFoundation(context);
  const webhook = await startWebhook(context, foundation);
  const probes = createProbes({ ready: webhook.checks });
  const { config, metrics, log } = context;
  const metricsServer = await startMetricsServer({ listen: config.server.metricsListen, metrics, probes });

  await untilSignalled(log);
  probes.shutDown();
  await webhook.stop();
  await Promise.all([metricsServer.stop(), foundation.stop()]);
  await context.client.close();
}

export interface RunningWebhook {
  /** What has to hold before reviews may come. */
  readonly checks: readonly Check[];
  stop(): Promise<void>;
}

/** The HTTPS server with everything behind it, for `webhook` and `serve`. */
export async function startWebhook(context: ProcessContext, foundation: Foundation): Promise<RunningWebhook> {
  const { config, client, log, metrics } = context;
  const clock = systemClock;
  const place = { kube: client, namespace: config.namespace, name: config.webhook.pathTokenSecretName };
  const pathTokens = startPathTokens(place, { log, clock });
  const certificates = await startCertificates(context, clock);
  const warm = warmProviders(foundation.stores, log);
  const checks: readonly Check[] = [
    { name: 'certificate', holds: () => certificates.isReady() || 'no certificate yet' },
    { name: 'pathToken', holds: () => pathTokens.isReady() || 'not read yet' },
    { name: 'providers', holds: () => warm.isReady() || 'not loaded yet' },
    ...foundation.checks,
  ];
  const admit = createAdmitReview(createAdmit(context, foundation), log);
  const validate = createValidation({ config, log, loadChecker: loadTemplateEngine }, foundation);
  const probes = createProbes({ ready: checks });
  const deps = { admit, validate, pathToken: pathTokens, certificates, probes, log, metrics, config: config.server };
  const server = await startWebhookServer(deps);
  log.info({ port: server.port }, 'listening');

  return {
    checks,
    async stop() {
      await server.stop();
      await Promise.all([pathTokens.stop(), certificates.stop()]);
    },
  };
}

function createAdmit({ client }: ProcessContext, foundation: Foundation) {
  const { namespaces, serviceAccounts, owners, stores, definitions, syncs, planSettings, filler } = foundation;
  return createAdmitPod({
    namespaces,
    serviceAccounts,
    owners,
    verifyPod: verifyPod(client),
    stores,
    definitions,
    syncs,
    settings: planSettings,
    filler,
  });
}
