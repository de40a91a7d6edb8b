import { generate } from 'selfsigned';
import { createEntra, type Entra, type EntraWorld } from './loopback-azure-entra.ts';
import { askVault, type AzureVault } from './loopback-azure-vault.ts';
import { type ProviderAnswer, type ProviderRequest, type ProviderServer, startProviderServer } from './provider-server.ts';

export interface AzureWorld extends EntraWorld {
  readonly vault: AzureVault;
  /** To which tenant the vault belongs; absent: the one of Entra. */
  readonly vaultTenantId?: string;
}

export type AzureCall = 'login' | 'get' | 'list';

export interface LoopbackAzure extends ProviderServer, Pick<Entra, 'logins' | 'expireTokens'> {
  /** Of its certificate. */
  readonly ca: string;
  /** For `identity.endpointUrls.azurekv`. */
  readonly endpointUrls: Readonly<Record<'authority' | 'imds', string>>;
  /** How often each was asked for. */
  readonly calls: Readonly<Record<AzureCall, number>>;
  /** Answers the next request that carries a token with this, as a vault does whose policies changed. */
  challengeOnce(challenge: string): void;
}

let certificate: Promise<{ readonly cert: string; readonly private: string }> | undefined;

/**
 * Microsoft Entra, a vault and a node's metadata service on one port, over HTTPS as the real ones. They verify what they are
 * given; what they do not have is an error of the test, not an answer.
 */
export async function startLoopbackAzure(world: AzureWorld): Promise<LoopbackAzure> {
  certificate ??= certify();
  const { cert, private: key } = await certificate;
  const entra = createEntra(world);
  const calls: Record<AzureCall, number> = { login: 0, get: 0, list: 0 };
  let challenge: string | undefined;
  let url = '';

  async function handle(request: ProviderRequest): Promise<ProviderAnswer> {
    const [, tenant] = /^\/entra\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(request.path) ?? [];
    if (tenant !== undefined) {
      calls.login += 1;
      return entra.ask(tenant, request);
    }
    if (request.path === '/imds/metadata/identity/oauth2/token') {
      calls.login += 1;
      return entra.askNode(request);
    }
    calls[/^\/[a-z]+\/?$/.test(request.path) ? 'list' : 'get'] += 1;
    const [, token] = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '') ?? [];
    if (token !== undefined && challenge !== undefined) {
      const headers = { 'WWW-Authenticate': challenge };
      challenge = undefined;
      return { status: 401, headers, body: { error: { code: 'Unauthorized', message: 'AKV10141' } } };
    }
    const clientId = token === undefined ? undefined : entra.clientOf(token);
    return askVault(world.vault, { clientId, url, tenantId: world.vaultTenantId ?? world.tenantId }, request);
  }

  const server = await startProviderServer(handle, { tls: { cert, key } });
  ({ url } = server);
  return {
    ...server,
    ca: cert,
    logins: entra.logins,
    expireTokens: () => entra.expireTokens(),
    calls,
    endpointUrls: { authority: `${url}/entra`, imds: `${url}/imds` },
    challengeOnce(text) {
      challenge = text;
    },
  };
}

/** One for all servers of a process: making it takes longer than a test. */
async function certify() {
  return generate([{ name: 'commonName', value: 'loopback' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
}
