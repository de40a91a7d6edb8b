import type { AdmissionResponse } from '../../src/admission/decision.ts';
import { type Offline, reviewOf, startOffline } from '../../src/commands/offline.ts';
import { parseConfig } from '../../src/config.ts';
import { createMetrics } from '../../src/metrics.ts';
import { caseProviders, type RemoteSecrets } from './case-providers.ts';
import { type CapturedLog, captureLog } from './captured-log.ts';
import type { Manifest } from './load-cases.ts';
import { runWebhookServer } from './webhook-server.ts';

/** The whole webhook over HTTPS, in front of a cluster in memory. */
export interface CaseServer extends AsyncDisposable {
  readonly cluster: Offline['cluster'];
  readonly captured: CapturedLog;
  /** What an API server would be told of the Pod. */
  review(pod: Manifest, options?: { readonly dryRun?: boolean }): Promise<AdmissionResponse>;
  metricsText(): Promise<string>;
}

export async function startCaseServer(
  manifests: readonly Manifest[],
  config: string,
  remote: RemoteSecrets = {},
): Promise<CaseServer> {
  const providerKinds = caseProviders(remote);
  const captured = captureLog();
  const metrics = createMetrics();
  const offline = await startOffline(manifests, parseConfig(config), captured.log, { metrics, providerKinds });
  const server = await runWebhookServer({ admit: offline.admit, captured, metrics });

  return {
    cluster: offline.cluster,
    captured,
    metricsText: async () => (await metrics.render()).text,

    async review(pod, { dryRun = false } = {}) {
      const { text } = await server.post(JSON.stringify(reviewOf(pod, 'review', dryRun)));
      const answer = JSON.parse(text) as { readonly response: AdmissionResponse };
      return answer.response;
    },

    async [Symbol.asyncDispose]() {
      await server.stop();
      await offline.stop();
    },
  };
}
