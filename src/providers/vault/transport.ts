import { LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import type { Call } from '../../identity/store-identity.ts';
import type { SecretValue } from '../../secret-value.ts';
import type { TlsSettings } from '../http.ts';
import type { HttpAnswer, HttpSend } from './http.ts';

export interface VaultRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/v1/`, unencoded; each segment is encoded as a whole. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

/** Sends as one caller. Throws a transient code where Vault gave no answer; every answer it did give comes back. */
export type VaultCaller = (request: VaultRequest, call: Call) => Promise<HttpAnswer>;

/** The way to one Vault. Nothing outside this file knows which client library speaks. */
export interface VaultTransport {
  /** A caller of its own for each identity and namespace: the library keeps the token on its client object. */
  as(token: SecretValue | undefined, namespace: string): VaultCaller;
  close(): Promise<void>;
}

export interface TransportSettings {
  readonly server: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
}

/** What node-vault hands to the request function it was given: its own options, with ours passed through. */
interface WireOptions {
  readonly uri: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly payload?: string;
  readonly signal: AbortSignal;
}

/** Loads what a first connect needs. */
export async function warmTransport(): Promise<void> {
  await Promise.all([import('node-vault'), import('./http.ts')]);
}

export async function createTransport(settings: TransportSettings): Promise<VaultTransport> {
  const [{ default: nodeVault }, { createVaultHttp }] = await Promise.all([import('node-vault'), import('./http.ts')]);
  const http = createVaultHttp(settings);

  return {
    as(token, namespace) {
      const client = nodeVault({
        endpoint: settings.server,
        debug: () => undefined, // its own prints request bodies when DEBUG is set
        'request-promise': { defaults: () => throughHttp(http.send) },
      });
      // Set afterwards, because an empty option falls back to VAULT_TOKEN, VAULT_NAMESPACE and VAULT_PREFIX of the process.
      Object.assign(client, { token: token?.exposeText() ?? '', namespace, pathPrefix: '' });

      return async ({ method, path, query, body }, { signal }) => {
        const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
        const answer: unknown = await client.request({
          method,
          path: `/${path.map(encodeURIComponent).join('/')}${search}`,
          headers: { ...settings.headers, 'X-Vault-Request': 'true' },
          signal,
          ...(body !== undefined && { payload: JSON.stringify(body) }),
        });
        if (isHttpAnswer(answer)) return answer;
        throw new LatchkeyError('INTERNAL', 'node-vault returned another answer than it was given');
      };
    },
    close: () => http.close(),
  };
}

/**
 * The request function node-vault asks for. It reports success always, because node-vault turns other statuses into
 * errors that quote Vault's text; and a constant path, because it takes any answer of a path with sys/health for good.
 */
function throughHttp(send: HttpSend) {
  return async (options: WireOptions) => {
    const { uri, method, headers, payload, signal } = options;
    const answer = await send({ uri, method, headers, ...(payload !== undefined && { payload }) }, signal);
    return { statusCode: 200, body: answer, request: { path: '/' } };
  };
}

function isHttpAnswer(value: unknown): value is HttpAnswer {
  return isMapping(value) && typeof value['status'] === 'number';
}
