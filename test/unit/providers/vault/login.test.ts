import { describe, expect, it } from 'vitest';
import { CALL, openVault, ROLE } from '../../../support/open-vault.ts';
import { LEAK_MARKER, subjectOf, testIdentity, unsignedToken } from '../../../support/test-identity.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const READ_ALL = [{ path: '*', capabilities: ['read'] }] as const;

describe('logging in', () => {
  it('sends role and token to the mount, in the namespace of auth, and reads in that of the store', async () => {
    const vault = await openVault({
      contents: {
        engines: {
          'admin/team/secret': { version: 2, secrets: new Map([['app', { versions: [{ json: '{"a":"b"}' }] }]]) },
        },
        roles: { 'admin/k8s/prod/api': ROLE },
        namespaces: ['admin', 'admin/team'],
      },
      block: {
        namespace: 'admin/team',
        auth: { namespace: 'admin', kubernetes: { mountPath: 'k8s/prod', role: 'api' } },
      },
    });

    const client = await vault.connect();
    const { value } = await client.read({ key: 'app' }, CALL);
    await client.validate?.(CALL);
    await client.close?.();

    expect(value.exposeText()).toBe('{"a":"b"}');
    expect(vault.server.requests.map(({ path, headers }) => [path, headers['x-vault-namespace']])).toEqual([
      ['/v1/auth/k8s/prod/login', 'admin'],
      ['/v1/secret/data/app', 'admin/team'],
      ['/v1/auth/token/lookup-self', 'admin'],
      ['/v1/auth/token/revoke-self', 'admin'],
    ]);
  });

  it('asks for a token of the audience that the store names', async () => {
    const auth = {
      jwt: {
        role: 'api',
        kubernetesServiceAccountToken: { serviceAccountRef: { name: 'api' }, audiences: ['vault-eu'] },
      },
    };
    const vault = await openVault({
      contents: { roles: { 'jwt/api': { ...ROLE, audience: 'vault-eu' } } },
      block: { auth },
    });

    await vault.connect();

    expect(vault.identity.audiences).toEqual(['vault-eu']);
  });

  it('leaves out the role where jwt has none', async () => {
    const vault = await openVault({ contents: { roles: { 'jwt/undefined': ROLE } }, block: { auth: { jwt: {} } } });

    await vault.connect();

    const body: unknown = JSON.parse(String(vault.server.requests[0]?.body));
    expect(body).toEqual({ jwt: expect.any(String) });
  });

  it('takes a JWT out of a Secret, without the line end there', async () => {
    const jwt = unsignedToken({ aud: ['vault'], sub: subjectOf({ namespace: 'payments', name: 'api' }) });
    const vault = await openVault({
      block: { auth: { kubernetes: { role: 'api', secretRef: { name: 'legacy' } } } },
      identity: testIdentity({ credentials: { 'Secret/legacy/token': `${jwt}\n` } }),
    });

    await expect(vault.connect()).resolves.toBeDefined();
    expect(vault.identity.audiences).toEqual([]);
  });

  it('logs in as an AppRole with both ids out of Secrets', async () => {
    const vault = await openVault({
      contents: { appRoles: { approle: { ...ROLE, roleId: 'role', secretId: LEAK_MARKER } } },
      block: {
        auth: { appRole: { roleRef: { name: 'app', key: 'role' }, secretRef: { name: 'app', key: 'secret' } } },
      },
      identity: testIdentity({ credentials: { 'Secret/app/role': 'role', 'Secret/app/secret': LEAK_MARKER } }),
    });

    const client = await vault.connect();

    await expect(client.read({ key: 'app' }, CALL)).resolves.toBeDefined();
  });

  it.each([
    [
      'kubernetes',
      { auth: { kubernetes: { role: 'other' } } },
      'Vault refused the login of ServiceAccount payments/api at auth/kubernetes with role "other". Check bound_service_account_names, ' +
        'bound_service_account_namespaces and audience (the token\'s is "vault") of role "other", and that auth/kubernetes is enabled. [IDENTITY_REJECTED]',
    ],
    [
      'jwt',
      { auth: { jwt: { path: 'oidc' } } },
      'Vault refused the login of ServiceAccount payments/api at auth/oidc. Check bound_audiences (the token\'s is "vault"), ' +
        'bound_subject and bound_claims of the default role, and that auth/oidc is enabled. [IDENTITY_REJECTED]',
    ],
    [
      'AppRole',
      { auth: { appRole: { roleId: 'r', secretRef: { name: 'app', namespace: 'shared', key: 'secret' } } } },
      'Vault refused the login of the AppRole with the secret id in Secret shared/app (key secret) at auth/approle. ' +
        'Check the role id and whether the secret id has expired, and that auth/approle is enabled. [IDENTITY_REJECTED]',
    ],
  ])('explains a refused %s login', async (_, block, line) => {
    const identity = testIdentity({ credentials: { 'Secret/shared/app/secret': LEAK_MARKER } });
    const vault = await openVault({ block, identity });

    await expect(vault.connect()).rejects.toMatchObject({ line });
  });

  it('closes its connections when the login is refused', async () => {
    const vault = await openVault({ block: { auth: { kubernetes: { role: 'other' } } } });

    await expect(vault.connect()).rejects.toThrow('refused');

    await expect(vault.server.quiet()).resolves.toBeUndefined();
  });

  it.each([
    ['no token in it', { auth: {} }],
    ['no auth', {}],
    ['an empty token', { auth: { client_token: '' } }],
  ])('does not take a 200 with %s for a login', async (_, body) => {
    const vault = await openVault();
    vault.server.interrupt({ status: 200, body });

    await expect(vault.connect()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});

describe('a session', () => {
  it.each([
    [3600, 900], // never longer than a quarter of an hour
    [600, 570],
    [100, 90],
    [1, 0.9],
    [0, 900], // never expires
  ])('with a lease of %i s is used for %d s', async (leaseSeconds, seconds) => {
    const roles = { 'kubernetes/api': { ...ROLE, leaseSeconds } };
    const vault = await openVault({ contents: { roles }, now: () => NOW });

    const { expiresAt } = await vault.connect();

    expect(expiresAt).toEqual(new Date(NOW + seconds * 1000));
  });

  it('is revoked when it is closed, once', async () => {
    const vault = await openVault();
    const client = await vault.connect();

    await Promise.all([client.close?.(), client.close?.()]);

    expect(vault.server.liveTokens.size).toBe(0);
    expect(vault.server.requests.filter(({ path }) => path.endsWith('revoke-self'))).toHaveLength(1);
  });

  it('with a batch token is not revoked, which Vault could not do', async () => {
    const vault = await openVault({ contents: { roles: { 'kubernetes/api': { ...ROLE, tokenType: 'batch' } } } });
    const client = await vault.connect();

    await client.close?.();

    expect(vault.server.requests.map(({ path }) => path)).toEqual(['/v1/auth/kubernetes/login']);
  });

  it("with the store's own token neither logs in nor revokes", async () => {
    const vault = await openVault({
      contents: { tokens: { [LEAK_MARKER]: READ_ALL } },
      block: { auth: { tokenSecretRef: { name: 'vault', key: 'token' } } },
      identity: testIdentity({ credentials: { 'Secret/vault/token': `${LEAK_MARKER}\n` } }),
      now: () => NOW,
    });

    const client = await vault.connect();
    await client.read({ key: 'app' }, CALL);
    await client.close?.();

    expect(client.expiresAt).toEqual(new Date(NOW + 900_000)); // a rotated token is seen by then
    expect(vault.server.requests.map(({ path }) => path)).toEqual(['/v1/secret/data/app']);
  });

  it('without auth sends no token, and says what is missing where Vault wants one', async () => {
    const vault = await openVault({ block: { auth: undefined } });
    const client = await vault.connect();

    await expect(client.read({ key: 'app' }, CALL)).rejects.toMatchObject({
      code: 'IDENTITY_REJECTED',
      message: 'Vault wants a token to read "secret/data/app", and the store has no auth',
    });
    expect(vault.server.requests[0]?.headers).not.toHaveProperty('x-vault-token');
  });

  it('is closed although Vault is gone', async () => {
    const vault = await openVault();
    const client = await vault.connect();
    vault.server.interrupt({ status: 503 });

    await expect(client.close?.()).resolves.toBeUndefined();
  });
});
