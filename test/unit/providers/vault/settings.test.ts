import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import type { ProviderLimits } from '../../../../src/providers/provider.ts';
import { vault } from '../../../../src/providers/vault/index.ts';
import { readSettings } from '../../../../src/providers/vault/settings.ts';

const SERVER = 'https://vault.example.com:8200';
const LIMITS: ProviderLimits = { audiences: ['vault', 'vault-eu'], endpoints: [], maxResponseBytes: 1024 };
const POD = { kubernetes: { role: 'api' } };

function read(block: object, limits: Partial<ProviderLimits> = {}) {
  const fields = Fields.of({ server: SERVER, ...block }, 'vault');
  return { settings: readSettings(fields, { ...LIMITS, ...limits }), problems: lines(fields) };
}

function needsOf(auth: object | undefined) {
  const fields = Fields.of({ server: SERVER, auth }, 'vault');
  const { needs } = vault.configure(fields, LIMITS);
  expect(lines(fields)).toEqual([]);
  return needs;
}

function lines(fields: Fields): readonly string[] {
  return fields.problems.map(({ path, message }) => `${path} ${message}`);
}

describe('readSettings', () => {
  it("reads a store with External Secrets' defaults", () => {
    const { settings, problems } = read({ auth: POD });

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      server: SERVER,
      host: 'vault.example.com:8200',
      mount: [],
      version: 'v2',
      namespace: '',
      auth: { method: 'kubernetes', mount: ['kubernetes'], role: 'api', namespace: '' },
    });
  });

  it.each([
    ['kv/team/', ['kv', 'team']],
    ['secret/data', ['secret']],
    ['data', ['data']],
  ])('reads the path %s as the mount %j', (path, mount) => {
    expect(read({ path }).settings.mount).toEqual(mount);
  });

  it("logs in in the store's namespace unless auth names another", () => {
    expect(read({ namespace: 'team/', auth: POD }).settings.auth.namespace).toBe('team');
    expect(read({ namespace: 'team', auth: { ...POD, namespace: 'admin' } }).settings.auth.namespace).toBe('admin');
    expect(read({ namespace: 'team', auth: { ...POD, namespace: '/' } }).settings.auth.namespace).toBe('');
  });

  it('keeps the path of a Vault behind a proxy, and no slash at its end', () => {
    expect(read({ server: 'https://proxy.example.com/vault/' }).settings.server).toBe(
      'https://proxy.example.com/vault',
    );
  });

  it('takes PEM certificates plain or in base64', async () => {
    const { cert } = await generate([{ name: 'commonName', value: 'ca' }], { keyType: 'ec', algorithm: 'sha256' });

    const plain = read({ caBundle: cert });
    const encoded = read({ caBundle: Buffer.from(cert).toString('base64') });

    expect([...plain.problems, ...encoded.problems]).toEqual([]);
    expect(plain.settings.ca).toBe(encoded.settings.ca);
    expect(plain.settings.ca).toContain('BEGIN CERTIFICATE');
  });

  it.each([
    ['a server that is no URL', { server: 'vault' }, 'vault.server must be an http or https URL'],
    ['a server with a password', { server: 'https://u:p@vault.example.com' }, 'vault.server must be an address alone'],
    [
      'a header that is a credential',
      { headers: { AUTHORIZATION: 'x' } },
      'vault.headers.AUTHORIZATION must not be set',
    ],
    ['the Host header', { headers: { host: 'x' } }, 'vault.headers.host must not be set'],
    ['a header in two lines', { headers: { 'X-Team': 'a\r\nb' } }, 'vault.headers.X-Team must be one line'],
    ['a header that has no name', { headers: { 'X Team': 'a' } }, 'vault.headers must have header names'],
    [
      'a damaged certificate',
      { caBundle: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      'vault.caBundle must be PEM',
    ],
    ['a client certificate without key', { tls: { certSecretRef: { name: 'a' } } }, 'vault.tls needs both'],
    ['an auth without a method', { auth: {} }, 'vault.auth must name one of tokenSecretRef, appRole, kubernetes, jwt'],
    ['two methods', { auth: { ...POD, jwt: {} } }, 'vault.auth must name one method, not kubernetes and jwt'],
    ['a method of later', { auth: { userPass: {} } }, 'vault.auth.userPass is not supported yet'],
    ['a login without role', { auth: { kubernetes: {} } }, 'vault.auth.kubernetes.role is required'],
    [
      'a mount with auth/',
      { auth: { jwt: { path: 'auth/jwt' } } },
      'vault.auth.jwt.path must be the mount without "auth/"',
    ],
    ['a mount with dots', { auth: { jwt: { path: '../sys' } } }, 'vault.auth.jwt.path must be a mount'],
    [
      'an AppRole without role id',
      { auth: { appRole: { secretRef: { name: 'a', key: 'b' } } } },
      'vault.auth.appRole.roleId is required',
    ],
    [
      'an AppRole without secret id',
      { auth: { appRole: { roleId: 'a' } } },
      'vault.auth.appRole.secretRef is required',
    ],
    ['a token without key', { auth: { tokenSecretRef: { name: 'a' } } }, 'vault.auth.tokenSecretRef.key is required'],
    [
      'a JWT from two places',
      { auth: { kubernetes: { role: 'a', serviceAccountRef: { name: 'a' }, secretRef: { name: 'b' } } } },
      'vault.auth.kubernetes.secretRef must not stand beside a ServiceAccount',
    ],
    [
      'an audience of others',
      {
        auth: {
          kubernetes: { role: 'a', serviceAccountRef: { name: 'a', audiences: ['vault', 'sts.amazonaws.com'] } },
        },
      },
      'vault.auth.kubernetes the audience "sts.amazonaws.com" is not in the operator\'s list identity.audiences.vault (vault, vault-eu)',
    ],
  ])('refuses %s', (_, block, expected) => {
    const { problems } = read(block);

    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it('needs an audience where the operator lists none', () => {
    expect(read({ auth: POD }, { audiences: [] }).problems).toEqual([expect.stringContaining('needs an audience')]);
  });
});

describe('the identity that a store needs', () => {
  it('is none without auth', () => {
    expect(needsOf(undefined)).toMatchObject({ who: 'none', audiences: [] });
  });

  it.each([
    ['kubernetes', POD],
    ['jwt', { jwt: {} }],
  ])("is the Pod's own with %s and no ServiceAccount", (_, auth) => {
    expect(needsOf(auth)).toMatchObject({ who: 'pod', audiences: ['vault'], credentials: [] });
  });

  it('is the ServiceAccount that is named, with its first audience', () => {
    const ref = { name: 'reader', namespace: 'shared', audiences: ['vault-eu', 'vault'] };
    const expected = {
      who: 'serviceAccount',
      serviceAccount: { name: 'reader', namespace: 'shared' },
      audiences: ['vault-eu'],
    };

    expect(needsOf({ kubernetes: { role: 'a', serviceAccountRef: ref } })).toMatchObject(expected);
    expect(needsOf({ jwt: { role: 'a', kubernetesServiceAccountToken: { serviceAccountRef: ref } } })).toMatchObject(
      expected,
    );
  });

  it('prefers the audiences beside a jwt ServiceAccount', () => {
    const token = { serviceAccountRef: { name: 'reader' }, audiences: ['vault-eu'], expirationSeconds: 600 };

    expect(needsOf({ jwt: { kubernetesServiceAccountToken: token } })).toMatchObject({ audiences: ['vault-eu'] });
  });

  it.each([
    ['a token', { tokenSecretRef: { name: 'a', key: 'k' } }, ['a/k']],
    ['an AppRole', { appRole: { roleId: 'r', secretRef: { name: 'a', key: 'k' } } }, ['a/k']],
    [
      'an AppRole by two Secrets',
      { appRole: { roleRef: { name: 'r', key: 'id' }, secretRef: { name: 'a', key: 'k' } } },
      ['r/id', 'a/k'],
    ],
    ['a JWT in a Secret', { kubernetes: { role: 'r', secretRef: { name: 'a' } } }, ['a/token']],
  ])('is credentials with %s', (_, auth, expected) => {
    const { who, credentials } = needsOf(auth);

    expect(who).toBe('credentials');
    expect(credentials.map(({ name, key }) => `${name}/${key}`)).toEqual(expected);
  });

  it('names the CA bundle and the client certificate apart from it', () => {
    const fields = Fields.of(
      {
        server: SERVER,
        auth: POD,
        caProvider: { type: 'ConfigMap', name: 'ca', namespace: 'shared' },
        tls: { certSecretRef: { name: 'tls' }, keySecretRef: { name: 'tls' } },
      },
      'vault',
    );

    const { needs } = vault.configure(fields, LIMITS);

    expect(needs).toMatchObject({
      who: 'pod',
      credentials: [
        { name: 'tls', key: 'tls.crt' },
        { name: 'tls', key: 'tls.key' },
      ],
      caBundles: [{ kind: 'ConfigMap', name: 'ca', namespace: 'shared', key: 'ca.crt' }],
    });
  });
});
