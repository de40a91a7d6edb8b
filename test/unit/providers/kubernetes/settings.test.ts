import { describe, expect, it } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import { kubernetes } from '../../../../src/providers/kubernetes/index.ts';
import { readSettings } from '../../../../src/providers/kubernetes/settings.ts';

const LIMITS = { audiences: ['cluster-b', 'cluster-c'], endpoints: [], maxResponseBytes: 1024 };
const SERVER = { url: 'https://api.example.com' };

function read(block: object, limits: object = {}) {
  const fields = Fields.of(block, 'kubernetes');
  const settings = readSettings(fields, { ...LIMITS, ...limits });
  return { settings, problems: fields.problems.map(({ path, message }) => `${path}: ${message}`) };
}

function needsOf(block: object) {
  return kubernetes.configure(Fields.of(block, 'kubernetes'), LIMITS).needs;
}

describe('server', () => {
  it.each([
    ['https://api.example.com:6443', 'https://api.example.com:6443/'],
    ['api.example.com:6443', 'https://api.example.com:6443/'],
    ['kubernetes.default', 'https://kubernetes.default/'],
    ['https://rancher.example.com/k8s/clusters/c-1', 'https://rancher.example.com/k8s/clusters/c-1'],
  ])('takes %s', (url, href) => {
    const { settings, problems } = read({ server: { url } });

    expect(problems).toEqual([]);
    expect(settings.server.href).toBe(href);
  });

  it.each([
    'http://api.example.com',
    'ftp://api.example.com',
    'https://',
    'https://u:p@api.example.com',
    'https://a?b',
    '::',
  ])('refuses %s', (url) => {
    expect(read({ server: { url } }).problems).toEqual([expect.stringMatching(/^kubernetes\.server\.url: must be/)]);
  });

  it('is the API server of its own cluster where credentials are named and no server', () => {
    const { settings, problems } = read({ auth: { token: { bearerToken: { name: 'x', key: 'y' } } } });

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ server: new URL('https://kubernetes.default.svc'), namespace: 'default' });
  });

  it('must be named where a token of ours is sent, which that one would not take', () => {
    expect(read({}).problems).toEqual([
      "kubernetes.server.url: is required where a ServiceAccount's token is sent: Latchkey issues no token for the API server of its own cluster",
    ]);
  });

  it('must be in the operator’s list', () => {
    expect(read({ server: SERVER }, { endpoints: ['*.example.org'] }).problems).toEqual([
      'kubernetes.server.url: the host "api.example.com" is not in the operator\'s list identity.endpoints.kubernetes (*.example.org)',
    ]);
  });
});

describe('auth', () => {
  it.each<[block: object, needs: object]>([
    [{ server: SERVER }, { who: 'pod', audiences: ['cluster-b'], credentials: [] }],
    [
      { server: SERVER, auth: { serviceAccount: { name: 'api', audiences: ['cluster-c'] } } },
      { who: 'serviceAccount', serviceAccount: { name: 'api' }, audiences: ['cluster-c'] },
    ],
    [
      { server: SERVER, auth: { serviceAccount: { name: 'api', namespace: 'ops' } } },
      { who: 'serviceAccount', serviceAccount: { name: 'api', namespace: 'ops' }, audiences: ['cluster-b'] },
    ],
    [
      { auth: { token: { bearerToken: { name: 'remote', key: 'token' } } } },
      { who: 'credentials', audiences: [], credentials: [{ kind: 'Secret', name: 'remote', key: 'token' }] },
    ],
    [
      { auth: { cert: { clientCert: { name: 'remote', key: 'crt' }, clientKey: { name: 'remote', key: 'key' } } } },
      {
        who: 'credentials',
        credentials: [
          { kind: 'Secret', name: 'remote', key: 'crt' },
          { kind: 'Secret', name: 'remote', key: 'key' },
        ],
      },
    ],
    [
      { server: { caProvider: { type: 'ConfigMap', name: 'ca' } }, authRef: { name: 'remote', key: 'config' } },
      { who: 'credentials', credentials: [{ kind: 'Secret', name: 'remote', key: 'config' }], caBundles: [] },
    ],
    [
      { server: { ...SERVER, caProvider: { type: 'ConfigMap', name: 'kube-root-ca.crt' } } },
      { who: 'pod', caBundles: [{ kind: 'ConfigMap', name: 'kube-root-ca.crt', key: 'ca.crt' }] },
    ],
  ])('of %j needs %j', (block, needs) => {
    expect(needsOf(block)).toMatchObject(needs);
  });

  it.each([
    [{ auth: {} }, 'kubernetes.auth: must name one of cert, token, serviceAccount'],
    [{ auth: {}, authRef: { name: 'x', key: 'y' } }, 'kubernetes.authRef: must not stand beside auth'],
    [
      { auth: { serviceAccount: {}, token: {} } },
      'kubernetes.auth: must name one method, not token and serviceAccount',
    ],
    [{ authRef: {} }, 'kubernetes.authRef.name: is required, such as "store-credentials"'],
  ])('of %j is a mistake', (block, problem) => {
    expect(read({ server: SERVER, ...block }).problems).toContain(problem);
  });

  it('needs an audience, which nobody but the operator can choose', () => {
    expect(read({ server: SERVER }, { audiences: [] }).problems).toEqual([
      "kubernetes: needs an audience that the other cluster accepts, and the operator's list identity.audiences.kubernetes is empty",
    ]);
  });
});
