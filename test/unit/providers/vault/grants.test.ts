import { describe, expect, it } from 'vitest';
import { vault } from '../../../../src/providers/vault/index.ts';
import { type GrantsScene, grantsOf } from '../../../support/grants-of.ts';

const SERVER = 'https://vault.example.com:8200';
const KUBERNETES = { kubernetes: { role: 'payments' } };

function vaultGrants(block: object, refs: GrantsScene['refs'], rest: Partial<GrantsScene> = {}) {
  const limits = { audiences: ['vault'] };
  return grantsOf({ provider: vault, block: { server: SERVER, ...block }, refs, limits, ...rest });
}

/** All rules of a policy. */
function rulesOf(hcl = ''): readonly unknown[] {
  const rule = /path ("(?:[^"\\]|\\.)*") \{\n {2}capabilities = (.*)\n\}/g;
  return [...hcl.matchAll(rule)].map(([, path = '', list = '']) => [JSON.parse(path), JSON.parse(list)]);
}

/** The paths that its policy lets read. */
function pathsOf(hcl = ''): readonly string[] {
  const rule = /path ("(?:[^"\\]|\\.)*") \{\n {2}capabilities = \["read"\]\n\}\n/g;
  expect(hcl.replaceAll(rule, '').trim()).toBe('');
  return [...hcl.matchAll(rule)].map(([, path = '']) => String(JSON.parse(path)));
}

describe('what Vault must grant', () => {
  it('is a policy and the role that gives it to the ServiceAccount', () => {
    const grants = vaultGrants({ path: 'secret', auth: KUBERNETES }, ['payments/db']);

    expect(grants).toEqual([
      {
        purpose: 'login',
        title: 'role that lets ServiceAccount payments/api in',
        principal: 'role "payments" of auth/kubernetes at vault.example.com:8200',
        language: 'sh',
        text: [
          'vault write auth/kubernetes/role/payments',
          'bound_service_account_names=api',
          'bound_service_account_namespaces=payments',
          'audience=vault',
          'token_policies=latchkey-kubernetes-payments',
          'token_ttl=20m\n',
        ].join(' \\\n  '),
        note: 'this writes the whole role: keep what else it must have',
      },
      {
        purpose: 'read',
        title: 'policy "latchkey-kubernetes-payments", which reads what is referred to',
        principal: 'role "payments" of auth/kubernetes at vault.example.com:8200',
        language: 'hcl',
        text: 'path "secret/data/payments/db" {\n  capabilities = ["read"]\n}\n',
      },
    ]);
  });

  it('binds a role of the jwt method to subject and audience', () => {
    const [role] = vaultGrants({ auth: { jwt: { path: 'cluster', role: 'api' } } }, ['secret/db']);

    expect(role?.text.split(' \\\n  ')).toEqual([
      'vault write auth/cluster/role/api',
      'role_type=jwt',
      'user_claim=sub',
      'bound_audiences=vault',
      'bound_subject=system:serviceaccount:payments:api',
      'token_policies=latchkey-cluster-api',
      'token_ttl=20m\n',
    ]);
  });

  it.each([
    ['version 2', { path: 'secret' }, ['b', 'a', 'a'], ['secret/data/a', 'secret/data/b']],
    ['version 1', { path: 'secret', version: 'v1' }, ['a'], ['secret/a']],
    ['a mount in the key', {}, ['kv/data/team/db'], ['kv/data/team/db']],
    ['several versions', { path: 'kv' }, [{ key: 'a' }, { key: 'a', version: '3' }], ['kv/data/a']],
    ['metadata', { path: 'kv' }, [{ key: 'a', metadata: true }], ['kv/metadata/a']],
    ['a login outside', { path: 'kv', namespace: 'admin/team' }, ['a'], ['kv/data/a']],
  ])('names the paths that are read: %s', (_, block, refs, paths) => {
    const policy = vaultGrants({ ...block, auth: KUBERNETES }, refs).at(-1);

    expect(pathsOf(policy?.text)).toEqual(paths);
  });

  it('puts the policy where the login is, and its paths below', () => {
    const auth = { ...KUBERNETES, namespace: 'admin' };
    const [role, policy] = vaultGrants({ path: 'kv', namespace: 'admin/team', auth }, ['a']);

    expect(role?.text).toMatch(/^vault write -namespace=admin auth\/kubernetes\/role\/payments \\/);
    expect(policy?.title).toContain('(namespace admin)');
    expect(pathsOf(policy?.text)).toEqual(['team/kv/data/a']);
  });

  it('writes quotes and expressions of HCL as text', () => {
    const [, policy] = vaultGrants({ path: 'kv', auth: KUBERNETES }, ['a"b\\c/${d}']);

    expect(pathsOf(policy?.text)).toEqual(['kv/data/a"b\\c/${d}']);
    expect(policy?.text).not.toContain('${');
  });

  const READ_ALL = ['secret/data/*', ['read']];

  it.each([
    ['by name', {}, { name: { regexp: 'db' } }, [READ_ALL, ['secret/metadata/*', ['list']]]],
    [
      'below a path',
      {},
      { path: '/team/', name: { regexp: 'db' } },
      [
        ['secret/data/team/*', ['read']],
        ['secret/metadata/team/*', ['list']],
      ],
    ],
    [
      'by the beginning of an expression',
      {},
      { path: 'team', name: { regexp: '^team/db-' } },
      [
        ['secret/data/team/db-*', ['read']],
        ['secret/metadata/team/*', ['list']],
      ],
    ],
    ['by one that begins elsewhere', {}, { name: { regexp: '^\\+/db' } }, [READ_ALL, ['secret/metadata/*', ['list']]]],
    ['by tags', {}, { tags: { team: 'pay' } }, [READ_ALL, ['secret/metadata/*', ['list', 'read']]]],
    ['in version 1', { version: 'v1' }, { path: 'a', name: { regexp: 'db' } }, [['secret/a/*', ['list', 'read']]]],
    [
      'in a mount of the path',
      { path: undefined },
      { path: 'kv/a', name: { regexp: 'db' } },
      [
        ['kv/data/a/*', ['read']],
        ['kv/metadata/a/*', ['list']],
      ],
    ],
  ])('lets it list folders and read what is found %s', (_, block, query, rules) => {
    const policy = vaultGrants({ path: 'secret', auth: KUBERNETES, ...block }, [], { finds: [query] }).at(-1);

    expect(rulesOf(policy?.text)).toEqual(rules);
  });

  it('gives a longer path what a shorter one has, because Vault goes by the longest alone', () => {
    const finds = [{ tags: { team: 'pay' } }, { path: 'a', name: { regexp: 'db' } }];

    const policy = vaultGrants({ path: 'kv', auth: KUBERNETES }, ['a/b'], { finds }).at(-1);

    expect(rulesOf(policy?.text)).toEqual([
      ['kv/data/*', ['read']],
      ['kv/data/a/*', ['read']],
      ['kv/data/a/b', ['read']],
      ['kv/metadata/*', ['list', 'read']],
      ['kv/metadata/a/*', ['list', 'read']],
    ]);
  });

  it.each([
    ['a path that is a pattern', {}, { path: 'a/+/b', name: { regexp: 'c' } }, /no policy can name/],
    ['tags in version 1', { version: 'v1' }, { tags: { a: 'b' } }, /keeps no tags/],
    ['no path and no mount', { path: undefined }, { name: { regexp: 'a' } }, /no path, and the store no mount/],
  ])('refuses to find with %s', (_, block, query, message) => {
    const all = { path: 'kv', auth: KUBERNETES, ...block };

    expect(() => vaultGrants(all, [], { finds: [query] })).toThrow(message);
  });

  it.each(['payments/*', 'payments/+', '+/db', '{{identity.entity.id}}/db'])(
    'refuses the key %s, which a policy takes for a pattern',
    (key) => {
      expect(() => vaultGrants({ path: 'kv', auth: KUBERNETES }, [key])).toThrow(
        /no policy can name "kv\/data\/.*" alone/,
      );
    },
  );

  it.each([
    ['token', { tokenSecretRef: { name: 'root', key: 'token' } }, 'the token in Secret root (key token)'],
    [
      'AppRole',
      { appRole: { roleId: 'id', secretRef: { name: 'approle', key: 'id' } } },
      'the AppRole of auth/approle with the secret id in Secret approle (key id)',
    ],
    ['proxy', undefined, 'the token that a proxy in front of Vault adds'],
    ['JWT in a Secret', { jwt: { secretRef: { name: 'jwt', key: 'jwt' } } }, 'role "DEFAULT_ROLE" of auth/jwt'],
  ])('is a policy alone for a store with an identity of its own: %s', (_, auth, principal) => {
    const grants = vaultGrants({ path: 'kv', auth }, ['a'], { reader: 'none' });

    expect(grants).toMatchObject([{ purpose: 'read', principal: `${principal} at vault.example.com:8200` }]);
  });
});
