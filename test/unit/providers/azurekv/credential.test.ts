import { describe, expect, it } from 'vitest';
import { createCredential } from '../../../../src/providers/azurekv/credential.ts';
import type { Session } from '../../../../src/providers/azurekv/entra.ts';
import { SecretValue } from '../../../../src/secret-value.ts';
import { CALL, CLIENT_ID, openAzure, TENANT_ID } from '../../../support/open-azure.ts';

const SCOPE = 'https://vault.azure.net/.default';
const OTHER_TENANT = '11111111-2222-4333-8444-555555555555';
const READER = {
  who: 'ServiceAccount payments/api',
  clientId: CLIENT_ID,
  tenantId: TENANT_ID,
  source: 'the annotation',
};

function session(token: string): Session {
  return { token: SecretValue.fromText(token), expiresAt: new Date(1_800_000_000_000), reader: READER };
}

function credential() {
  const asked: string[] = [];
  const made = createCredential({
    session: session('first'),
    scope: SCOPE,
    scene: { host: 'acme.vault.azure.net', reader: READER },
    renew: async (claims) => {
      asked.push(claims);
      return session(`token ${asked.length + 1}`);
    },
  });
  const getToken: typeof made.getToken = (scopes, options) => made.getToken(scopes, options);
  return { asked, getToken };
}

describe('createCredential', () => {
  it("gives the session's token, without a login of its own", async () => {
    const { asked, getToken } = credential();

    const tokens = await Promise.all([getToken(SCOPE), getToken([SCOPE], { tenantId: TENANT_ID })]);

    expect(tokens).toEqual(Array(2).fill({ token: 'first', expiresOnTimestamp: 1_800_000_000_000 }));
    expect(asked).toEqual([]);
  });

  it('logs in again with the claims that a vault demands, and keeps that token', async () => {
    const { asked, getToken } = credential();

    const demanded = await getToken(SCOPE, { claims: '{"access_token":{}}' });
    const later = await getToken(SCOPE);

    expect(asked).toEqual(['{"access_token":{}}']);
    expect([demanded?.token, later?.token]).toEqual(['token 2', 'token 2']);
  });

  it('has no token for another service', async () => {
    const { getToken } = credential();

    await expect(getToken([SCOPE, 'https://graph.microsoft.com/.default'])).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
    });
  });

  it('has no token of another tenant', async () => {
    const { getToken } = credential();

    await expect(getToken(SCOPE, { tenantId: OTHER_TENANT })).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
      message: expect.stringContaining(`belongs to tenant ${OTHER_TENANT}`),
    });
  });
});

describe('a vault', () => {
  it('that demands claims gets a new token with them', async () => {
    const { server, connect } = await openAzure();
    const client = await connect();
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    server.challengeOnce(
      `Bearer authorization="https://login.microsoftonline.com/${TENANT_ID}", error="insufficient_claims", claims="${btoa(claims)}"`,
    );

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();

    expect(server.logins.map((login) => login.claims)).toEqual([undefined, claims]);
  });

  it('of another tenant is told by its name, and gets no second token', async () => {
    const { server, connect } = await openAzure({ world: { vaultTenantId: OTHER_TENANT, tokenSeconds: 3600 } });
    const client = await connect();
    server.expireTokens();

    await expect(client.read({ key: 'db' }, CALL)).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
      message: expect.stringContaining(`belongs to tenant ${OTHER_TENANT}`),
    });
    expect(server.calls).toEqual({ login: 1, get: 1, list: 0 });
  });

  it('is never asked without a token', async () => {
    const { server, connect } = await openAzure();

    const client = await connect();
    await client.read({ key: 'db' }, CALL);
    await client.find?.({}, CALL);

    const asked = server.requests.filter(({ path }) => path.startsWith('/secrets'));
    expect(asked.every(({ headers }) => headers['authorization']?.startsWith('Bearer '))).toBe(true);
  });
});
