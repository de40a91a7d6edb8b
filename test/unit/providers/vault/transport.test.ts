import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startLoopbackVault } from '../../../support/loopback-vault.ts';
import { CALL, ENGINE, openVault } from '../../../support/open-vault.ts';
import { LEAK_MARKER, testIdentity } from '../../../support/test-identity.ts';

interface Pair {
  readonly cert: string;
  readonly private: string;
}

async function certify(name: string): Promise<Pair> {
  return generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
}

describe('the environment of the process', () => {
  it('has no effect: no token, address, namespace, prefix or debug output of it is used', async () => {
    const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      printed.mockRestore();
    });
    const foreign = await startLoopbackVault({ engines: {} });
    onTestFinished(() => foreign.close());
    vi.stubEnv('DEBUG', '*');
    vi.stubEnv('VAULT_ADDR', foreign.url);
    vi.stubEnv('VAULT_TOKEN', 'of-the-process');
    vi.stubEnv('VAULT_NAMESPACE', 'of-the-process');
    vi.stubEnv('VAULT_PREFIX', '/of-the-process');
    vi.stubEnv('HTTP_PROXY', foreign.url);
    const vault = await openVault();

    const client = await vault.connect();
    await client.read({ key: 'app' }, CALL);
    await client.close?.();

    const sent = JSON.stringify(vault.server.requests.map(({ path, headers }) => [path, headers]));
    expect(sent).not.toContain('of-the-process');
    expect(foreign.requests).toEqual([]);
    expect(printed.mock.calls.map(([text]) => String(text)).join('')).not.toContain(LEAK_MARKER);
  });
});

describe('requests', () => {
  it("carry the store's headers", async () => {
    const vault = await openVault({ block: { headers: { 'X-Team': 'payments' } } });

    const client = await vault.connect();
    await client.read({ key: 'app' }, CALL);

    expect(vault.server.requests.map(({ headers }) => headers['x-team'])).toEqual(['payments', 'payments']);
  });

  it('follow no redirect, so that a token reaches one host only', async () => {
    const elsewhere = await startLoopbackVault({ engines: { secret: ENGINE } });
    onTestFinished(() => elsewhere.close());
    const vault = await openVault();
    const client = await vault.connect();
    vault.server.interrupt({ status: 307, headers: { Location: `${elsewhere.url}/v1/secret/data/app` } });

    await expect(client.read({ key: 'app' }, CALL)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    expect(elsewhere.requests).toEqual([]);
  });

  it('of two identities never share a token', async () => {
    const vault = await openVault();
    const [first, second] = [await vault.connect(), await vault.connect()];

    await first.read({ key: 'app' }, CALL);
    await second.read({ key: 'app' }, CALL);

    const tokens = vault.server.requests.map(({ headers }) => headers['x-vault-token']).filter(Boolean);
    expect(new Set(tokens).size).toBe(2);
  });

  it('reach a Vault behind a path of a proxy', async () => {
    const proxy = await startLoopbackVault({ engines: {} });
    onTestFinished(() => proxy.close());
    proxy.interrupt({ status: 502 });
    const vault = await openVault({ block: { server: `${proxy.url}/vault/` } });

    await expect(vault.connect()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });

    expect(proxy.requests[0]?.path).toBe('/vault/v1/auth/kubernetes/login');
  });
});

describe('TLS', () => {
  let server: Pair;
  let other: Pair;
  beforeAll(async () => {
    [server, other] = await Promise.all([certify('vault'), certify('other')]);
  });

  it('reads from a Vault whose authority the store carries', async () => {
    const vault = await openVault({ server: { tls: tlsOf(server) }, block: { caBundle: server.cert } });

    const client = await vault.connect();

    await expect(client.read({ key: 'app' }, CALL)).resolves.toBeDefined();
  });

  it('reads from a Vault whose authority lies in a ConfigMap', async () => {
    const vault = await openVault({
      server: { tls: tlsOf(server) },
      block: { caProvider: { type: 'ConfigMap', name: 'ca', key: 'bundle' } },
      identity: testIdentity({ credentials: { 'ConfigMap/ca/bundle': server.cert } }),
    });

    await expect(vault.connect()).resolves.toBeDefined();
  });

  it('refuses a ConfigMap without certificates', async () => {
    const vault = await openVault({
      block: { caProvider: { type: 'ConfigMap', name: 'ca' } },
      identity: testIdentity({ credentials: { 'ConfigMap/ca/ca.crt': 'nothing' } }),
    });

    await expect(vault.connect()).rejects.toMatchObject({
      code: 'STORE_INVALID',
      message: 'the key ca.crt of ConfigMap ca holds no PEM certificates',
    });
  });

  it.each([
    ['no authority', {}],
    ['another authority', { useOther: true }],
  ])(
    'is always verified, with %s and whatever the environment says',
    async (_, { useOther = false }: { useOther?: boolean }) => {
      onTestFinished(() => {
        vi.unstubAllEnvs();
      });
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      vi.stubEnv('VAULT_SKIP_VERIFY', 'true');
      const vault = await openVault({
        server: { tls: tlsOf(server) },
        block: useOther ? { caBundle: other.cert } : {},
      });

      await expect(vault.connect()).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
        message: `Vault at ${new URL(vault.server.url).host} has a certificate that is not trusted`,
        hint: "Put the authority's certificate into spec.provider.vault.caBundle, or name it with caProvider",
      });
      expect(vault.server.requests).toEqual([]);
    },
  );

  it('presents the client certificate that the store names', async () => {
    const vault = await openVault({
      server: { tls: { ...tlsOf(server), requestCert: true, rejectUnauthorized: true, ca: other.cert } },
      block: {
        caBundle: server.cert,
        tls: { certSecretRef: { name: 'client' }, keySecretRef: { name: 'client' } },
      },
      identity: testIdentity({
        credentials: { 'Secret/client/tls.crt': other.cert, 'Secret/client/tls.key': other.private },
      }),
    });

    await vault.connect();

    const names = [...vault.server.sockets].map((socket) =>
      socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : undefined,
    );
    expect(names).toEqual(['other']);
  });
});

function tlsOf({ cert, private: key }: Pair) {
  return { cert, key };
}
