import { isMapping } from '../../src/fields.ts';
import type { MemoryCluster } from '../../src/kube/memory/memory-cluster.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';
const KIND = 'MutatingWebhookConfiguration';

export const CONFIGURATION_PATH = `/apis/${API_VERSION}/mutatingwebhookconfigurations/latchkey`;
export const WEBHOOK_SERVICE = { name: 'latchkey-webhook', namespace: 'latchkey-system', port: 443 };

/** Our namespace and the registration, as the chart installs them: without bundle and path. */
export function anInstallation(webhooks: readonly object[] = [aWebhook('pods.latchkey.dev')]): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'latchkey-system' } },
    { apiVersion: API_VERSION, kind: KIND, metadata: { name: 'latchkey' }, webhooks },
  ];
}

export function aWebhook(name: string, clientConfig: object = { service: WEBHOOK_SERVICE }): object {
  return {
    name,
    clientConfig,
    rules: [{ operations: ['CREATE'] }],
    failurePolicy: 'Fail',
    sideEffects: 'NoneOnDryRun',
  };
}

export interface StoredWebhook {
  readonly name: unknown;
  /** PEM; empty where there is none. */
  readonly caBundle: string;
  readonly path: string;
}

/** The registration as the API server has it now. */
export function webhooksIn(cluster: MemoryCluster): readonly StoredWebhook[] {
  const stored = cluster.find(API_VERSION, KIND, undefined, 'latchkey')?.['webhooks'];
  const entries: readonly unknown[] = Array.isArray(stored) ? stored : [];
  return entries.filter(isMapping).map((entry) => {
    const client = isMapping(entry['clientConfig']) ? entry['clientConfig'] : {};
    const service = isMapping(client['service']) ? client['service'] : {};
    const { caBundle } = client;
    return {
      name: entry['name'],
      caBundle: typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString() : '',
      path: typeof service['path'] === 'string' ? service['path'] : '',
    };
  });
}

export function configurationIn(cluster: MemoryCluster) {
  return cluster.find(API_VERSION, KIND, undefined, 'latchkey');
}
