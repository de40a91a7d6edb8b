import { describe, expect, it } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import { createAzurekv } from '../../../../src/providers/azurekv/index.ts';
import { readSettings } from '../../../../src/providers/azurekv/settings.ts';
import type { ProviderLimits } from '../../../../src/providers/provider.ts';

const VAULT = 'https://payments.vault.azure.net';
const TENANT = '5b9c0f6e-0d0c-4f3a-8f69-0c5c2f8b7a10';
const AUDIENCES = ['api://AzureADTokenExchange', 'api://AzureADTokenExchangeUSGov'];
const LIMITS: ProviderLimits = { audiences: AUDIENCES, endpoints: [], maxResponseBytes: 1024 };
const IMDS = { endpointUrls: { imds: 'http://169.254.169.254' } };

function read(block: object, limits: Partial<ProviderLimits> = {}) {
  const fields = Fields.of({ vaultUrl: VAULT, ...block }, 'azurekv');
  return { settings: readSettings(fields, { ...LIMITS, ...limits }), problems: lines(fields) };
}

function needsOf(block: object, limits: Partial<ProviderLimits> = {}) {
  const fields = Fields.of({ vaultUrl: VAULT, ...block }, 'azurekv');
  const { needs } = createAzurekv({ now: Date.now }).configure(fields, { ...LIMITS, ...limits });
  expect(lines(fields)).toEqual([]);
  return needs;
}

function lines(fields: Fields): readonly string[] {
  return fields.problems.map(({ path, message }) => `${path} ${message}`);
}

function secret(key: string) {
  return { kind: 'Secret', name: 'azure', key };
}

const PRINCIPAL = { clientId: secret('id'), clientSecret: secret('secret') };

describe('readSettings', () => {
  it("reads a store that names a vault alone, for the Pod's ServiceAccount", () => {
    const { settings, problems } = read({});

    expect(problems).toEqual([]);
    expect(settings).toEqual({
      vaultUrl: VAULT,
      host: 'payments.vault.azure.net',
      tenantId: undefined,
      cloud: {
        authority: 'https://login.microsoftonline.com',
        authorityUrl: 'https://login.microsoftonline.com',
        resource: 'https://vault.azure.net',
        vaultSuffix: 'vault.azure.net',
      },
      auth: { method: 'workloadIdentity', audience: AUDIENCES[0] },
    });
  });

  it.each([
    ['USGovernmentCloud', 'login.microsoftonline.us', 'vault.usgovcloudapi.net'],
    ['ChinaCloud', 'login.chinacloudapi.cn', 'vault.azure.cn'],
    ['GermanCloud', 'login.microsoftonline.de', 'vault.microsoftazure.de'],
  ])('knows where %s has Entra and its vaults', (environmentType, authority, suffix) => {
    const { settings, problems } = read({ environmentType, vaultUrl: `https://payments.${suffix}/` });

    expect(problems).toEqual([]);
    expect(settings.vaultUrl).toBe(`https://payments.${suffix}`);
    expect(settings.cloud).toMatchObject({
      authorityUrl: `https://${authority}`,
      resource: `https://${suffix}`,
    });
  });

  it('asks Entra where the operator moved it, and calls it by its own name', () => {
    const { settings, problems } = read({}, { endpointUrls: { authority: 'https://entra.internal/' } });

    expect(problems).toEqual([]);
    expect(settings.cloud).toMatchObject({
      authority: 'https://login.microsoftonline.com',
      authorityUrl: 'https://entra.internal',
    });
  });

  it("takes a cloud of one's own where the operator lists its hosts", () => {
    const { settings, problems } = read(
      {
        vaultUrl: 'https://payments.vault.stack.example.com',
        environmentType: 'AzureStackCloud',
        useAzureSDK: true,
        customCloudConfig: {
          activeDirectoryEndpoint: 'https://login.stack.example.com/',
          keyVaultDNSSuffix: '.vault.stack.example.com',
          resourceManagerEndpoint: 'https://management.stack.example.com',
        },
      },
      { endpoints: ['*.stack.example.com', '*.vault.stack.example.com'] },
    );

    expect(problems).toEqual([]);
    expect(settings.cloud).toEqual({
      authority: 'https://login.stack.example.com',
      authorityUrl: 'https://login.stack.example.com',
      resource: 'https://vault.stack.example.com',
      vaultSuffix: 'vault.stack.example.com',
    });
  });

  it.each([
    ['a vault of another cloud', { vaultUrl: 'https://payments.vault.azure.cn' }, {}, 'azurekv.vaultUrl the host'],
    ['a vault elsewhere', { vaultUrl: 'https://vault.azure.net.example.com' }, {}, 'azurekv.vaultUrl the host'],
    [
      'a vault that the operator does not list',
      {},
      { endpoints: ['other.vault.azure.net', 'login.microsoftonline.com'] },
      'azurekv.vaultUrl the host',
    ],
    [
      'an Entra that the operator does not list',
      {},
      { endpoints: ['*.vault.azure.net'] },
      'azurekv.environmentType the host "login.microsoftonline.com"',
    ],
    [
      'an Entra of its own',
      { customCloudConfig: { activeDirectoryEndpoint: 'https://login.example.com' } },
      {},
      'azurekv.customCloudConfig the host "login.example.com" is not in the operator\'s list identity.endpoints.azurekv',
    ],
    [
      'tokens for another service',
      {
        customCloudConfig: {
          activeDirectoryEndpoint: 'https://login.microsoftonline.com',
          keyVaultEndpoint: 'https://graph.microsoft.com',
        },
      },
      {},
      'azurekv.customCloudConfig the host "graph.microsoft.com" is not in',
    ],
    [
      'an Azure Stack that the operator does not know',
      {
        environmentType: 'AzureStackCloud',
        customCloudConfig: {
          activeDirectoryEndpoint: 'https://login.example.com',
          keyVaultDNSSuffix: 'vault.azure.net',
        },
      },
      {},
      'identity.endpoints.azurekv, which is empty',
    ],
    [
      'an Azure Stack without addresses',
      { environmentType: 'AzureStackCloud' },
      {},
      'azurekv.customCloudConfig is required',
    ],
    [
      'an Azure Stack whose tokens are for nothing',
      {
        environmentType: 'AzureStackCloud',
        customCloudConfig: { activeDirectoryEndpoint: 'https://login.example.com' },
      },
      {},
      'azurekv.customCloudConfig.keyVaultDNSSuffix is required',
    ],
    [
      'a vault without TLS',
      { vaultUrl: 'http://payments.vault.azure.net' },
      {},
      'azurekv.vaultUrl must be an https URL',
    ],
    ['a secret instead of a vault', { vaultUrl: `${VAULT}/secrets/db` }, {}, 'azurekv.vaultUrl must be an https URL'],
    [
      'a vault with a password',
      { vaultUrl: 'https://u:p@payments.vault.azure.net' },
      {},
      'azurekv.vaultUrl must be an https URL',
    ],
    ['any tenant at all', { tenantId: 'organizations' }, {}, 'azurekv.tenantId must be the id of a tenant'],
    ['a tenant that is a path', { tenantId: '../x' }, {}, 'azurekv.tenantId must be the id of a tenant'],
    ['a type of authentication that is none', { authType: 'Password' }, {}, 'azurekv.authType must be one of'],
    [
      'a foreign audience',
      { serviceAccountRef: { name: 'api', audiences: ['other'] } },
      {},
      'azurekv.serviceAccountRef.audiences the audience',
    ],
    ['no audience', {}, { audiences: [] }, 'azurekv needs an audience'],
    [
      'a service principal without credentials',
      { authType: 'ServicePrincipal', tenantId: TENANT },
      {},
      'azurekv.authSecretRef is required',
    ],
    ['a service principal without tenant', { authSecretRef: PRINCIPAL }, {}, 'azurekv.tenantId is required'],
    [
      'a service principal with two proofs',
      { tenantId: TENANT, authSecretRef: { ...PRINCIPAL, clientCertificate: secret('pem') } },
      {},
      'azurekv.authSecretRef must name one of',
    ],
    [
      'a service principal without client',
      { tenantId: TENANT, authSecretRef: { clientSecret: secret('secret') } },
      {},
      'azurekv.authSecretRef.clientId is required',
    ],
    [
      "the identity of Latchkey's node",
      { authType: 'ManagedIdentity' },
      {},
      'azurekv.authType must not be ManagedIdentity',
    ],
  ])('names a store with %s', (_, block, limits, problem) => {
    const { problems } = read(block, limits);

    expect(problems.join('\n')).toContain(problem);
  });
});

describe('needs', () => {
  it("asks for a token of the Pod's ServiceAccount", () => {
    expect(needsOf({ authType: 'WorkloadIdentity' })).toMatchObject({
      who: 'pod',
      audiences: [AUDIENCES[0]],
      credentials: [],
    });
  });

  it('asks for a token of the ServiceAccount that the store names, with the audience it names', () => {
    const serviceAccountRef = { name: 'reader', namespace: 'platform', audiences: [AUDIENCES[1]] };

    expect(needsOf({ serviceAccountRef })).toMatchObject({
      who: 'serviceAccount',
      serviceAccount: { name: 'reader', namespace: 'platform' },
      audiences: [AUDIENCES[1]],
    });
  });

  it('reads client and tenant ids of a ServiceAccount from a Secret, where the store names one', () => {
    const authSecretRef = { clientId: secret('id'), tenantId: secret('tenant') };

    expect(needsOf({ authType: 'WorkloadIdentity', authSecretRef })).toMatchObject({
      who: 'pod',
      credentials: [secret('id'), secret('tenant')],
    });
  });

  it.each([
    [{ authSecretRef: PRINCIPAL, tenantId: TENANT }, ['id', 'secret']],
    [{ authSecretRef: { ...PRINCIPAL, tenantId: secret('tenant') }, tenantId: TENANT }, ['id', 'secret']],
    [{ authSecretRef: { ...PRINCIPAL, tenantId: secret('tenant') } }, ['id', 'tenant', 'secret']],
    [{ authSecretRef: { clientId: secret('id'), clientCertificate: secret('pem') }, tenantId: TENANT }, ['id', 'pem']],
  ])('names each credential of a service principal: %j', (block, keys) => {
    const needs = needsOf(block);

    expect(needs).toMatchObject({ who: 'credentials', audiences: [], credentials: keys.map(secret) });
    expect(needs).not.toHaveProperty('check');
  });

  it("asks nothing of whoever reads with the node's identity, where the operator allows it", () => {
    expect(needsOf({ authType: 'ManagedIdentity' }, IMDS)).toMatchObject({
      who: 'credentials',
      audiences: [],
      credentials: [],
    });
  });

  it('says before any login that a ServiceAccount has no client id', () => {
    const facts = { namespace: 'payments', name: 'api', uid: 'u', annotations: {} };

    const missing = needsOf({}).check?.(facts);

    expect(missing?.line).toBe(
      'ServiceAccount payments/api has no identity in Azure: it lacks the annotation azure.workload.identity/client-id. ' +
        'Give an application or a managed identity a federated credential for it, and name that one: ' +
        'kubectl annotate serviceaccount -n payments api --overwrite azure.workload.identity/client-id=CLIENT_ID. [IDENTITY_REJECTED]',
    );
  });
});
