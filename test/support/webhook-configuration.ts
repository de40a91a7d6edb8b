import { isMapping } from '../../src/fields.ts';
import type { MemoryCluster } from '../../src/kube/memory/memory-cluster.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';
const KIND = 'MutatingWebhookConfiguration';
const VALIDATING_KIND = 'ValidatingWebhookConfiguration';

export const CONFIGURATION_PATH = `/apis/${API_VERSION}/mutatingwebhookconfigurations/latchkey`;
export const WEBHOOK_SERVICE = { name: 'latchkey-webhook', namespace: 'latchkey-system', port: 443 };

/** Our namespace and both registrations, as the chart installs them: without bundle and path. */
export function anInstallation(webhooks: readonly object[] = [aWebhook('pods.latchkey.dev')]): readonly object[] {
  const metadata = { name: 'latchkey' };
  const validating = [aWebhook('externalsecrets.latchkey.dev')];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'latchkey-system' } },
    { apiVersion: API_VERSION, kind: KIND, metadata, webhooks },
    { apiVersion: API_VERSION, kind: VALIDATING_KIND, metadata, webhooks: validating },
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

/** A registration as the API server has it now. */
export function webhooksIn(cluster: MemoryCluster, kind = KIND): readonly StoredWebhook[] {
  const stored = cluster.find(API_VERSION, kind, undefined, 'latchkey')?.['webhooks'];
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

/** The registration of the validating webhook. */
export function validatingWebhooksIn(cluster: MemoryCluster): readonly StoredWebhook[] {
  return webhooksIn(cluster, VALIDATING_KIND);
}

export function configurationIn(cluster: MemoryCluster) {
  return cluster.find(API_VERSION, KIND, undefined, 'latchkey');
}
