import { onTestFinished } from 'vitest';
import { Fields } from '../../src/fields.ts';
import { createAzurekv } from '../../src/providers/azurekv/index.ts';
import type { Call, SecretsClient, ServiceAccountFacts } from '../../src/providers/provider.ts';
import { createKubernetesIssuer, TEST_ISSUER } from './kubernetes-issuer.ts';
import { type AzureWorld, type LoopbackAzure, loopbackAzureCa, startLoopbackAzure } from './loopback-azure.ts';
import type { AzureGrant, AzureVault, AzureVersion } from './loopback-azure-vault.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from './test-identity.ts';

export const CALL: Call = { signal: new AbortController().signal };
export const AUDIENCE = 'api://AzureADTokenExchange';
export const CLIENT_ID = '7f3c1c9e-8f5e-4b0a-9d0e-2d7f0c9a1b11';
export const TENANT_ID = '5b9c0f6e-0d0c-4f3a-8f69-0c5c2f8b7a10';
export const ANNOTATIONS = {
  'azure.workload.identity/client-id': CLIENT_ID,
  'azure.workload.identity/tenant-id': TENANT_ID,
};
/** Everything, for the client of payments/api. */
export const EVERYTHING: readonly AzureGrant[] = (
  ['secrets/get', 'secrets/list', 'keys/get', 'certificates/get'] as const
).map((permission) => ({ clientId: CLIENT_ID, permission }));

export interface OpenAzureSettings {
  readonly vault?: Partial<AzureVault>;
  readonly world?: Partial<AzureWorld>;
  /** Beside the vault's URL and `authType: WorkloadIdentity`. */
  readonly block?: object;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

export interface OpenAzure {
  readonly server: LoopbackAzure;
  /** As payments/api, unless told. */
  readonly connect: (serviceAccount?: Partial<ServiceAccountFacts>) => Promise<SecretsClient>;
}

/** A version of an object whose identifier ends in this digit. */
export function version(digit: number, value: AzureVersion['value'] = LEAK_MARKER): AzureVersion {
  return { id: `${'0'.repeat(31)}${digit}`, value };
}

/** A loopback Azure with a store on its vault, where payments/api may read everything; closed when the test ends. */
export async function openAzure(settings: OpenAzureSettings = {}): Promise<OpenAzure> {
  const { vault, world, block, credentials = {}, now = Date.now } = settings;
  const cluster = createKubernetesIssuer();
  const subject = subjectOf({ namespace: 'payments', name: 'api' });
  const server = await startLoopbackAzure({
    issuer: cluster.issuer,
    jwksOf: () => cluster.jwksOf(),
    tenantId: TENANT_ID,
    clients: { [CLIENT_ID]: { federated: [{ issuer: TEST_ISSUER, subject, audience: AUDIENCE }] } },
    ...world,
    vault: { objects: { secrets: { db: { versions: [version(1)] } } }, grants: EVERYTHING, ...vault },
  });
  onTestFinished(() => server.close());

  const fields = Fields.of({ vaultUrl: server.url, authType: 'WorkloadIdentity', ...block }, 'spec.provider.azurekv');
  const store = createAzurekv({ now, ca: await loopbackAzureCa() }).configure(fields, {
    audiences: [AUDIENCE],
    endpoints: ['127.0.0.1'],
    endpointUrls: server.endpointUrls,
    maxResponseBytes: 256 * 1024,
  });
  if (fields.problems.length > 0) throw new Error(JSON.stringify(fields.problems));
  return {
    server,
    connect: (serviceAccount = {}) => {
      const facts = { annotations: ANNOTATIONS, ...serviceAccount };
      const identity = testIdentity({ serviceAccount: facts, credentials, sign: (claims) => cluster.sign(claims) });
      return store.connect(identity, CALL);
    },
  };
}
