import { askSecretManager, type GoogleProject } from './loopback-gcp-secrets.ts';
import { createTokenDesk, type TokenDesk, type TokenWorld } from './loopback-gcp-tokens.ts';
import {
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
  type ProviderServerSettings,
  startProviderServer,
} from './provider-server.ts';

export interface GcpWorld extends TokenWorld {
  readonly projects: Readonly<Record<string, GoogleProject>>;
}

export type GcpCall = 'exchange' | 'impersonate' | 'assert' | 'access' | 'read';

export interface LoopbackGcp extends ProviderServer, Pick<TokenDesk, 'seen' | 'expireTokens'> {
  /** For `identity.endpointUrls.gcpsm`: each service below a path of its own, so that none is taken for another. */
  readonly endpointUrls: Readonly<Record<'sts' | 'iamcredentials' | 'oauth2' | 'secretmanager', string>>;
  /** How often each was asked for. */
  readonly calls: Readonly<Record<GcpCall, number>>;
}

/**
 * Google's STS, IAM Credentials, OAuth and Secret Manager, which verify what they are given. What they do not have is an
 * error of the test, not an answer.
 */
export async function startLoopbackGcp(world: GcpWorld, settings: ProviderServerSettings = {}): Promise<LoopbackGcp> {
  const desk = createTokenDesk(world);
  const calls: Record<GcpCall, number> = { exchange: 0, impersonate: 0, assert: 0, access: 0, read: 0 };

  async function handle(request: ProviderRequest): Promise<ProviderAnswer> {
    const [, service = '', path = ''] = /^\/([a-z0-9]+)\/(.*)$/.exec(request.path) ?? [];
    if (request.method === 'POST' && service === 'sts' && path === 'v1/token') {
      calls.exchange += 1;
      return desk.exchange(request);
    }
    if (request.method === 'POST' && service === 'oauth2' && path === 'token') {
      calls.assert += 1;
      return desk.assert(request);
    }
    const [, email] = /^v1\/projects\/-\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(path) ?? [];
    if (request.method === 'POST' && service === 'iamcredentials' && email !== undefined) {
      calls.impersonate += 1;
      return desk.impersonate(request, email);
    }
    if (service !== 'secretmanager' || !path.startsWith('v1/')) throw new Error(`${request.method} ${request.path}`);
    calls[path.endsWith(':access') ? 'access' : 'read'] += 1;
    return askSecretManager(world.projects, desk.membersOf(request), path.slice('v1/'.length), request);
  }

  const server = await startProviderServer(handle, settings);
  return {
    ...server,
    seen: desk.seen,
    expireTokens: () => desk.expireTokens(),
    calls,
    endpointUrls: {
      sts: `${server.url}/sts`,
      iamcredentials: `${server.url}/iamcredentials`,
      oauth2: `${server.url}/oauth2`,
      secretmanager: `${server.url}/secretmanager`,
    },
  };
}
