import { createAzurekv } from '../../src/providers/azurekv/index.ts';
import { createKubernetesIssuer } from '../support/kubernetes-issuer.ts';
import { loopbackAzureCa, startLoopbackAzure } from '../support/loopback-azure.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup } from './provider-setup.ts';

const NEWEST = `{"password":"new-${LEAK_MARKER}", "html":"<&>", "count":12345678901234567890}`;
const OLDER = `old-${LEAK_MARKER}`;
const [OLDER_ID, NEWEST_ID] = ['0'.repeat(31).concat('1'), '0'.repeat(31).concat('2')];
const BYTES = Buffer.concat([Buffer.from([0x30, 0x82, 0, 255]), Buffer.from(LEAK_MARKER)]);
const MAX_RESPONSE_BYTES = 64 * 1024;

const AUDIENCE = 'api://AzureADTokenExchange';
const CLIENT_ID = '7f3c1c9e-8f5e-4b0a-9d0e-2d7f0c9a1b11';
const TENANT_ID = '5b9c0f6e-0d0c-4f3a-8f69-0c5c2f8b7a10';
const ANNOTATIONS = {
  'azure.workload.identity/client-id': CLIENT_ID,
  'azure.workload.identity/tenant-id': TENANT_ID,
};

export const azurekvSetup: ProviderSetup = {
  provider: createAzurekv({ now: Date.now, ca: await loopbackAzureCa() }),
  has: ['login', 'network', 'versions', 'metadata', 'binary', 'find', 'endpoints'],
  mistakes: {
    block: {
      vaultUrl: 'http://payments.vault.azure.net',
      tenantId: 'common',
      environmentType: 'Mars',
      authType: 'ServicePrincipal',
      useAzureSDK: 'yes',
      identityId: 7,
      authSecretRef: { clientId: { name: 'azure' }, clientSecret: { key: 'secret' }, clientCertificate: {} },
      customCloudConfig: { activeDirectoryEndpoint: 'http://login.example.com', keyVaultDNSSuffix: 'x y' },
    },
    paths: [
      'spec.provider.vaultUrl',
      'spec.provider.tenantId',
      'spec.provider.environmentType',
      'spec.provider.useAzureSDK',
      'spec.provider.identityId',
      'spec.provider.authSecretRef',
      'spec.provider.authSecretRef.clientId.key',
      'spec.provider.authSecretRef.clientSecret.name',
      'spec.provider.authSecretRef.clientCertificate.name',
      'spec.provider.authSecretRef.clientCertificate.key',
      'spec.provider.customCloudConfig.activeDirectoryEndpoint',
      'spec.provider.customCloudConfig.keyVaultDNSSuffix',
    ],
  },

  async start() {
    const { issuer, jwksOf, sign } = createKubernetesIssuer();
    const subject = subjectOf({ namespace: 'payments', name: 'api' });
    const readable = ['db', 'cache-redis', 'cache-gone', 'nothing'];
    const server = await startLoopbackAzure({
      issuer,
      jwksOf,
      tenantId: TENANT_ID,
      clients: { [CLIENT_ID]: { federated: [{ issuer, subject, audience: AUDIENCE }] } },
      vault: {
        objects: {
          secrets: {
            db: {
              versions: [
                { id: OLDER_ID, value: OLDER },
                { id: NEWEST_ID, value: NEWEST },
              ],
              tags: { team: 'payments', env: 'prod' },
            },
            'cache-redis': { versions: [{ id: NEWEST_ID, value: LEAK_MARKER }] },
            'cache-gone': { versions: [{ id: NEWEST_ID, value: LEAK_MARKER, isDisabled: true }] },
            locked: { versions: [{ id: NEWEST_ID, value: LEAK_MARKER }] },
          },
          certificates: { api: { versions: [{ id: NEWEST_ID, value: BYTES.toString('base64') }] } },
        },
        grants: [
          ...readable.map((name) => ({ clientId: CLIENT_ID, permission: 'secrets/get' as const, name })),
          { clientId: CLIENT_ID, permission: 'secrets/list' },
          { clientId: CLIENT_ID, permission: 'certificates/get' },
        ],
      },
    });
    return {
      block: { vaultUrl: server.url, authType: 'WorkloadIdentity' },
      limits: {
        audiences: [AUDIENCE],
        endpoints: ['127.0.0.1'],
        endpointUrls: server.endpointUrls,
        maxResponseBytes: MAX_RESPONSE_BYTES,
      },
      identity: testIdentity({ serviceAccount: { annotations: ANNOTATIONS }, sign }),
      stranger: testIdentity({ serviceAccount: { name: 'stranger', annotations: ANNOTATIONS }, sign }),
      object: { key: 'db', text: NEWEST, version: NEWEST_ID },
      missing: 'nothing',
      denied: 'locked',
      older: { key: 'db', version: OLDER_ID, text: OLDER },
      metadata: { key: 'db', text: '{"env":"prod","team":"payments"}' },
      binary: { key: 'cert/api', bytes: BYTES },
      find: { query: { name: { regexp: '^cache-' } }, keys: ['cache-redis'] },
      expireSession: () => server.expireTokens(),
      network: {
        throttle: (seconds) =>
          server.interrupt({
            status: 429,
            headers: { 'Retry-After': String(seconds) },
            body: { error: { code: 'Throttled', message: LEAK_MARKER } },
          }),
        fail: () =>
          server.interrupt({ status: 503, body: { error: { code: 'ServiceUnavailable', message: LEAK_MARKER } } }),
        garble: (status) => server.interrupt({ status, body: `<html>${LEAK_MARKER}</html>` }),
        redirect: () => server.interrupt({ status: 307, headers: { Location: `${server.url}/secrets/db` } }),
        flood: () => server.interrupt({ status: 200, body: LEAK_MARKER.repeat(MAX_RESPONSE_BYTES) }),
        stall: () => server.stall(),
      },
      // Entra's tokens cannot be given back, and connections are shared.
      settled: async () => {},
      close: () => server.close(),
    };
  },
};
