import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import {
  ANNOTATIONS,
  AUDIENCE,
  CALL,
  CLIENT_ID,
  EVERYTHING,
  openAzure,
  TENANT_ID,
} from '../../../support/open-azure.ts';
import { TEST_ISSUER } from '../../../support/kubernetes-issuer.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const PRINCIPAL = '22222222-3333-4444-8555-666666666666';
const GRANTS = [...EVERYTHING, { clientId: PRINCIPAL, permission: 'secrets/get' as const }];
const SECRET = `${LEAK_MARKER}-client-secret`;
const CREDENTIALS = {
  'Secret/azure/id': `${PRINCIPAL}\n`,
  'Secret/azure/tenant': TENANT_ID,
  'Secret/azure/secret': `${SECRET}\n`,
  'Secret/azure/words': 'no id at all',
};

function secret(key: string) {
  return { name: 'azure', key };
}

function servicePrincipal(proof: object) {
  return { authType: 'ServicePrincipal', tenantId: TENANT_ID, authSecretRef: { clientId: secret('id'), ...proof } };
}

describe('a login as a ServiceAccount', () => {
  it.each([
    [
      "the store's tenant and the annotated client",
      { tenantId: TENANT_ID },
      { 'azure.workload.identity/client-id': CLIENT_ID },
    ],
    ['ids that lie in a Secret', { authSecretRef: { clientId: secret('id'), tenantId: secret('tenant') } }, {}],
  ])('goes with %s', async (_, block, annotations) => {
    const federated = [{ issuer: TEST_ISSUER, subject: 'system:serviceaccount:payments:api', audience: AUDIENCE }];
    const { server, connect } = await openAzure({
      block,
      credentials: CREDENTIALS,
      world: { clients: { [CLIENT_ID]: { federated }, [PRINCIPAL]: { federated } } },
      vault: { grants: GRANTS },
    });

    const client = await connect({ annotations });

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
    expect(server.logins.map(({ by }) => by)).toEqual(['federation']);
  });

  it.each([
    [
      'subject',
      { issuer: TEST_ISSUER, subject: 'system:serviceaccount:payments:API', audience: AUDIENCE },
      `Microsoft Entra refused ServiceAccount payments/api as client ${CLIENT_ID} of tenant ${TENANT_ID}: no federated credential of it matches the token (AADSTS700213). ` +
        `Add one to client ${CLIENT_ID} with issuer ${TEST_ISSUER}, subject system:serviceaccount:payments:api and audience ${AUDIENCE}, letter by letter; ` +
        'or correct the annotation azure.workload.identity/client-id of ServiceAccount payments/api. [IDENTITY_REJECTED]',
    ],
    [
      'issuer',
      { issuer: `${TEST_ISSUER}/`, subject: 'system:serviceaccount:payments:api', audience: AUDIENCE },
      '(AADSTS700211)',
    ],
    [
      'audience',
      { issuer: TEST_ISSUER, subject: 'system:serviceaccount:payments:api', audience: 'other' },
      '(AADSTS700212)',
    ],
  ])('says what a federated credential with another %s must say', async (_, credential, line) => {
    const { connect } = await openAzure({ world: { clients: { [CLIENT_ID]: { federated: [credential] } } } });

    await expect(connect()).rejects.toMatchObject({ code: 'IDENTITY_REJECTED', line: expect.stringContaining(line) });
  });

  it.each([
    ['an unknown client', { clients: {} }, 'no application or managed identity of that id'],
    ['a disabled client', { clients: { [CLIENT_ID]: { isDisabled: true } } }, 'the application is disabled'],
    ['another tenant', { tenantId: PRINCIPAL }, `there is no tenant ${TENANT_ID}`],
    ['a cloud without Key Vault', { resource: 'https://vault.azure.cn' }, 'knows no service https://vault.azure.net'],
  ])('explains %s', async (_, world, message) => {
    const { connect } = await openAzure({ world });

    await expect(connect()).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
      message: expect.stringContaining(message),
    });
  });

  it('asks nothing for a ServiceAccount without a client id', async () => {
    const { server, connect } = await openAzure();

    await expect(connect({ annotations: {} })).rejects.toMatchObject({ code: 'IDENTITY_REJECTED' });
    expect(server.requests).toEqual([]);
  });

  it('takes an id out of a Secret only if it is one: it becomes part of an address', async () => {
    const { server, connect } = await openAzure({
      block: { authSecretRef: { clientId: secret('id'), tenantId: secret('words') } },
      credentials: CREDENTIALS,
    });

    await expect(connect({ annotations: {} })).rejects.toMatchObject({
      code: 'STORE_INVALID',
      message: 'Secret azure (key words) holds no tenant id',
    });
    expect(server.requests).toEqual([]);
  });

  it('ends a little before its token does', async () => {
    const { connect } = await openAzure({ now: () => Date.parse('2026-01-02T03:00:00Z') });

    const { expiresAt } = await connect();

    expect(expiresAt?.toISOString()).toBe('2026-01-02T03:59:30.000Z');
  });

  it.each([
    ['no token', { token_type: 'Bearer', expires_in: 3600 }],
    ['no lifetime', { token_type: 'Bearer', access_token: LEAK_MARKER }],
    ['no JSON', `<html>${LEAK_MARKER}</html>`],
  ])('takes no answer with %s', async (_, body) => {
    const { server, connect } = await openAzure();
    server.interrupt({ status: 200, body });

    await expect(connect()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});

describe('a login as a service principal', () => {
  it('goes with a client secret, and ends soon enough to see a rotated one', async () => {
    const now = Date.parse('2026-01-02T03:00:00Z');
    const { server, connect } = await openAzure({
      block: servicePrincipal({ clientSecret: secret('secret') }),
      credentials: CREDENTIALS,
      world: { clients: { [PRINCIPAL]: { secrets: [SECRET] } } },
      vault: { grants: GRANTS },
      now: () => now,
    });

    const client = await connect();

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
    expect(server.logins).toEqual([{ clientId: PRINCIPAL, by: 'secret' }]);
    expect(client.expiresAt?.getTime()).toBe(now + 15 * 60_000);
  });

  it('goes with a certificate, whose key signs and never leaves', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'api' }], { algorithm: 'sha256' });
    const { server, connect } = await openAzure({
      block: servicePrincipal({ clientCertificate: secret('pem') }),
      credentials: { ...CREDENTIALS, 'Secret/azure/pem': `${cert}\n${key}` },
      world: { clients: { [PRINCIPAL]: { certificates: [cert] } } },
      vault: { grants: GRANTS },
    });

    const client = await connect();

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
    expect(server.logins).toEqual([{ clientId: PRINCIPAL, by: 'certificate' }]);
    expect(server.requests.map(({ body }) => body.toString()).join()).not.toContain('PRIVATE');
  });

  it('says that a secret is wrong', async () => {
    const { connect } = await openAzure({
      block: servicePrincipal({ clientSecret: secret('words') }),
      credentials: CREDENTIALS,
      world: { clients: { [PRINCIPAL]: { secrets: [SECRET] } } },
    });

    await expect(connect()).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
      line: `Microsoft Entra refused the service principal as client ${PRINCIPAL} of tenant ${TENANT_ID}: the secret is wrong (AADSTS7000215). Write the value of the client secret, not its id, into the Secret. [IDENTITY_REJECTED]`,
    });
  });

  it('says that a Secret holds no certificate', async () => {
    const { connect } = await openAzure({
      block: servicePrincipal({ clientCertificate: secret('words') }),
      credentials: CREDENTIALS,
    });

    await expect(connect()).rejects.toMatchObject({
      code: 'STORE_INVALID',
      message: 'Secret azure (key words) holds no certificate with its RSA key',
    });
  });
});

describe("a login as Latchkey's node", () => {
  it.each([
    ['the identity that the store names', { identityId: PRINCIPAL }, PRINCIPAL],
    ["the node's own identity", {}, CLIENT_ID],
  ])('goes with %s', async (_, block, clientId) => {
    const { server, connect } = await openAzure({
      block: { authType: 'ManagedIdentity', ...block },
      world: { nodeIdentities: [CLIENT_ID, PRINCIPAL] },
      vault: { grants: GRANTS },
    });

    const client = await connect({ annotations: ANNOTATIONS });

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
    expect(server.logins).toEqual([{ clientId, by: 'node' }]);
  });

  it('says that the node has no such identity', async () => {
    const { connect } = await openAzure({ block: { authType: 'ManagedIdentity', identityId: PRINCIPAL } });

    await expect(connect()).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
      message: `the node of Latchkey has no managed identity with client id ${PRINCIPAL}`,
    });
  });
});
