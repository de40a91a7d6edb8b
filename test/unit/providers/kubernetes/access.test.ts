import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { failure } from '../../../contract/stage.ts';
import { certify, type LoopbackKubernetes } from '../../../support/loopback-kubernetes.ts';
import { CALL, EVERYTHING, openKubernetes } from '../../../support/open-kubernetes.ts';
import { LEAK_MARKER, unsignedToken } from '../../../support/test-identity.ts';

const TOKEN = { bearerToken: { name: 'remote', key: 'token' } };
const CERTIFICATE = {
  clientCert: { name: 'remote', key: 'tls.crt' },
  clientKey: { name: 'remote', key: 'tls.key' },
};

function kubeconfig({ url, ca }: LoopbackKubernetes, user: object, cluster: object = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'prod',
    contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'latchkey' } }],
    clusters: [{ name: 'prod', cluster: { server: url, 'certificate-authority-data': btoa(ca), ...cluster } }],
    users: [{ name: 'latchkey', user }],
  });
}

describe("a ServiceAccount's token", () => {
  it('is presented, for a quarter of an hour at most', async () => {
    const startMs = Date.parse('2026-01-02T03:00:00Z');
    const { connect, server } = await openKubernetes({ now: () => startMs });

    const client = await connect();
    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe(`{"password":"${LEAK_MARKER}"}`);
    expect(server.requests[0]?.headers['user-agent']).toBe('latchkey');
    expect(client.expiresAt).toEqual(new Date('2026-01-02T03:15:00Z'));
  });

  it('is presented no longer than it is alive', async () => {
    const { connect } = await openKubernetes({ now: () => Date.parse('2100-01-01T00:00:00Z') });

    const { expiresAt } = await connect();

    expect(expiresAt?.getTime()).toBeLessThan(Date.parse('2100-01-01T00:00:00Z'));
  });

  it('of another issuer is refused with the audience to check', async () => {
    const { connect } = await openKubernetes({
      cluster: { jwt: { issuer: 'https://x', jwksOf: async () => ({ keys: [] }), audiences: [], usernamePrefix: '' } },
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.line).toMatch(
      /^the API server at 127\.0\.0\.1:\d+ does not accept ServiceAccount payments\/api\. Check that it accepts this cluster's tokens for the audience "https:\/\/other-cluster\.example\.com"\. \[IDENTITY_REJECTED\]$/,
    );
  });
});

describe('a token in a Secret', () => {
  it('is presented without the line end of its file', async () => {
    const { connect } = await openKubernetes({
      cluster: { tokens: { [LEAK_MARKER]: 'reader' }, rules: { reader: EVERYTHING } },
      block: { auth: { token: TOKEN } },
      credentials: () => ({ 'Secret/remote/token': `${LEAK_MARKER}\n` }),
    });

    const client = await connect();

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
  });

  it.each([
    [
      'of a ServiceAccount',
      unsignedToken({ sub: 'system:serviceaccount:ops:latchkey' }),
      '--serviceaccount=ops:latchkey',
    ],
    ['with a strange subject', unsignedToken({ sub: 'a; rm -rf /' }), '--user=USER'],
    ['without claims', LEAK_MARKER, '--user=USER'],
  ])('%s that may not read is told what to bind', async (_, token, subject) => {
    const { connect } = await openKubernetes({
      cluster: { tokens: { [token]: 'reader' } },
      block: { auth: { token: TOKEN } },
      credentials: () => ({ 'Secret/remote/token': token }),
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.message).toContain('does not let the token in Secret remote (key token) get secrets "db"');
    expect(error.hint).toContain(`kubectl create rolebinding read-db -n prod --role=read-db ${subject}`);
  });
});

describe('a client certificate', () => {
  it('is presented, and its user named where it may not read', async () => {
    const client = await certify('latchkey');
    const { connect } = await openKubernetes({
      cluster: {
        clientCa: client.cert,
        rules: { latchkey: [{ namespace: 'prod', verbs: ['get'], names: ['db'] }] },
      },
      block: { auth: { cert: CERTIFICATE } },
      credentials: () => ({ 'Secret/remote/tls.crt': client.cert, 'Secret/remote/tls.key': client.private }),
    });
    const reader = await connect();

    const fetched = await reader.read({ key: 'db' }, CALL);
    const error = await failure(reader.read({ key: 'other' }, CALL));

    expect(fetched.value.size).toBeGreaterThan(0);
    expect(error.hint).toContain('--user=latchkey');
  });

  it('of an authority that the cluster does not trust is a refused identity, not a missing right', async () => {
    const [own, other] = await Promise.all([certify('own'), certify('other')]);
    const { connect } = await openKubernetes({
      cluster: { clientCa: own.cert },
      block: { auth: { cert: CERTIFICATE } },
      credentials: () => ({ 'Secret/remote/tls.crt': other.cert, 'Secret/remote/tls.key': other.private }),
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.message).toContain('does not accept the client certificate in Secret remote (key tls.crt)');
  });

  it.each([
    ['certificate', { 'tls.crt': 'nothing' }],
    ['key', { 'tls.key': 'nothing' }],
  ])('is refused where its %s is no PEM', async (_, wrong) => {
    const { cert, private: key } = await certify('latchkey');
    const parts: Readonly<Record<string, string>> = { 'tls.crt': cert, 'tls.key': key, ...wrong };
    const { connect } = await openKubernetes({
      block: { auth: { cert: CERTIFICATE } },
      credentials: () =>
        Object.fromEntries(Object.entries(parts).map(([name, text]) => [`Secret/remote/${name}`, text])),
    });

    await expect(connect()).rejects.toMatchObject({
      code: 'STORE_INVALID',
      message: 'Secret remote (key tls.crt) holds no client certificate with its key in PEM',
    });
  });
});

describe('a kubeconfig', () => {
  const BLOCK = { server: undefined, authRef: { name: 'remote', key: 'config' } };

  it('says which cluster is asked, with which token', async () => {
    const { connect, identity } = await openKubernetes({
      cluster: { tokens: { [LEAK_MARKER]: 'reader' }, rules: { reader: EVERYTHING } },
      block: BLOCK,
      credentials: (server) => ({ 'Secret/remote/config': kubeconfig(server, { token: LEAK_MARKER }) }),
    });

    const client = await connect();

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
    expect(identity.audiences).toEqual([]);
  });

  it('or with which client certificate', async () => {
    const pair = await certify('latchkey');
    const user = { 'client-certificate-data': btoa(pair.cert), 'client-key-data': btoa(pair.private) };
    const { connect } = await openKubernetes({
      cluster: { clientCa: pair.cert, rules: { latchkey: EVERYTHING } },
      block: BLOCK,
      credentials: (server) => ({ 'Secret/remote/config': kubeconfig(server, user) }),
    });

    const client = await connect();

    await expect(client.read({ key: 'db' }, CALL)).resolves.toBeDefined();
  });

  it('says for which name the certificate must be', async () => {
    const { connect } = await openKubernetes({
      block: BLOCK,
      credentials: (server) => ({
        'Secret/remote/config': kubeconfig(server, { token: LEAK_MARKER }, { 'tls-server-name': 'api.example.com' }),
      }),
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.message).toMatch(/ has a certificate for another name$/);
  });

  it('leads to no cluster outside the operator’s list', async () => {
    const { connect, server } = await openKubernetes({
      block: BLOCK,
      endpoints: ['api.example.com'],
      credentials: (remote) => ({ 'Secret/remote/config': kubeconfig(remote, { token: LEAK_MARKER }) }),
    });

    const error = await failure(connect());

    expect(error.code).toBe('ENDPOINT_NOT_ALLOWED');
    expect(server.requests).toEqual([]);
  });
});
