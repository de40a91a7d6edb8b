import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetes } from '../../../../src/providers/kubernetes/index.ts';
import { type GrantsScene, grantsOf } from '../../../support/grants-of.ts';

function kubernetesGrants(block: object, refs: GrantsScene['refs'], rest: Partial<GrantsScene> = {}) {
  const limits = { audiences: ['other-cluster'] };
  const all = { server: { url: 'https://api.example.com:6443' }, remoteNamespace: 'prod', ...block };
  return grantsOf({ provider: kubernetes, block: all, refs, limits, ...rest });
}

describe('what another cluster must grant', () => {
  it('is a Role for the named Secrets, bound to the user that the ServiceAccount is there', () => {
    const [grant, ...others] = kubernetesGrants({}, ['db', 'cache', { key: 'db', metadata: true }]);

    const user = 'system:serviceaccount:payments:api';
    expect(others).toEqual([]);
    expect(grant).toMatchObject({
      purpose: 'read',
      language: 'yaml',
      principal: expect.stringContaining(`user ${user} at `),
    });
    expect(parseAllDocuments(grant?.text ?? '').map((document): unknown => document.toJS())).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'latchkey-payments-api', namespace: 'prod' },
        rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['cache', 'db'], verbs: ['get'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'latchkey-payments-api', namespace: 'prod' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'latchkey-payments-api' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
      },
    ]);
  });

  it('is a Role for all Secrets of the namespace where something is found among them', () => {
    const [grant] = kubernetesGrants({}, ['db'], { finds: [{ name: { regexp: 'a' } }] });

    const [role] = parseAllDocuments(grant?.text ?? '').map((document): unknown => document.toJS());
    expect(role).toMatchObject({ rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }] });
    expect(grant?.text).not.toContain('resourceNames');
    expect(grant?.note).toMatch(
      /^find takes the right to list, which opens every Secret of the namespace; that cluster/,
    );
  });

  it.each([
    ['token', { auth: { token: { bearerToken: { name: 'reader', key: 'token' } } } }, 'Secret reader (key token)'],
    ['kubeconfig', { server: undefined, authRef: { name: 'reader', key: 'config' } }, 'Secret reader (key config)'],
  ])('has a word for the user of a credential: %s', (_, block, where) => {
    const grants = kubernetesGrants(block, ['db'], { reader: 'none' });

    expect(grants).toMatchObject([{ principal: expect.stringContaining(`the user of ${where}`) }]);
    expect(grants[0]?.text).toContain('name: USER');
    expect(grants[0]?.note).toMatch(/^USER stands for /);
  });

  it('refuses a key that is no name of a Secret', () => {
    expect(() => kubernetesGrants({}, ['*'])).toThrow(/is no name of a Secret/);
  });
});
