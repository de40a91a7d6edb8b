import { generate } from 'selfsigned';
import { createEntra, type Entra, type EntraWorld } from './loopback-azure-entra.ts';
import { askVault, type AzureVault } from './loopback-azure-vault.ts';
import {
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
  type ProviderServerSettings,
  startProviderServer,
} from './provider-server.ts';

export interface AzureWorld extends EntraWorld {
  readonly vault: AzureVault;
  /** To which tenant the vault belongs; absent: the one of Entra. */
  readonly vaultTenantId?: string;
}

export type AzureCall = 'login' | 'get' | 'list';

export interface LoopbackAzure extends ProviderServer, Pick<Entra, 'logins' | 'expireTokens'> {
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
export async function startLoopbackAzure(
  world: AzureWorld,
  settings: ProviderServerSettings = {},
): Promise<LoopbackAzure> {
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

  const { cert, private: key } = await pair();
  const server = await startProviderServer(handle, { tls: { cert, key }, ...settings });
  ({ url } = server);
  return {
    ...server,
    logins: entra.logins,
    expireTokens: () => entra.expireTokens(),
    calls,
    endpointUrls: { authority: `${url}/entra`, imds: `${url}/imds` },
    challengeOnce(text) {
      challenge = text;
    },
  };
}

/** What a client must trust, in PEM. */
export async function loopbackAzureCa(): Promise<string> {
  return (await pair()).cert;
}

/** One for all servers of a process. */
async function pair() {
  certificate ??= generate([{ name: 'commonName', value: 'loopback' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return certificate;
}
