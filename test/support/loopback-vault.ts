import { Fields } from '../../src/fields.ts';
import { askKv, type KvEngine } from './loopback-kv.ts';
import {
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
  type ProviderServerSettings,
  startProviderServer,
} from './provider-server.ts';
import { claimsOf, LEAK_MARKER } from './test-identity.ts';

export interface VaultRule {
  /** From the root namespace; a `*` at the end covers what begins so. */
  readonly path: string;
  readonly capabilities: readonly ('read' | 'list')[];
}

export interface VaultRole {
  readonly audience: string;
  readonly subjects: readonly string[];
  readonly rules: readonly VaultRule[];
  readonly leaseSeconds?: number;
  readonly tokenType?: 'service' | 'batch';
}

export interface VaultContents {
  /** KV engines by mount, `namespace/mount` outside the root namespace. */
  readonly engines: Readonly<Record<string, KvEngine>>;
  /** Roles of kubernetes and jwt methods, by `mount/role` with the namespace before it. */
  readonly roles?: Readonly<Record<string, VaultRole>>;
  /** AppRoles by `mount` with the namespace before it. */
  readonly appRoles?: Readonly<Record<string, VaultRole & { readonly roleId: string; readonly secretId: string }>>;
  /** Tokens that exist from the start. */
  readonly tokens?: Readonly<Record<string, readonly VaultRule[]>>;
  readonly namespaces?: readonly string[];
}

export interface LoopbackVault extends ProviderServer {
  /** Tokens that logins made and nobody revoked. */
  readonly liveTokens: ReadonlySet<string>;
  readonly logins: number;
  /** What every token is from now on: unknown. */
  expireTokens(): void;
  /** Withdraws roles, as somebody does who deletes one. */
  forgetRoles(): void;
}

const DENIED: ProviderAnswer = { status: 403, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } };
const UNKNOWN_TOKEN: ProviderAnswer = { status: 403, body: { errors: ['permission denied'] } };

/** A strict Vault: what it does not know is an error of the test, not an answer. Facts are those of OpenBao 2.7.2. */
export async function startLoopbackVault(
  contents: VaultContents,
  settings: ProviderServerSettings = {},
): Promise<LoopbackVault> {
  const { engines, appRoles = {}, namespaces = [] } = contents;
  let roles = contents.roles ?? {};
  const tokens = new Map<string, readonly VaultRule[]>(Object.entries(contents.tokens ?? {}));
  const liveTokens = new Set<string>();
  let logins = 0;

  function handle(request: ProviderRequest): ProviderAnswer {
    const namespace = checkHeaders(request);
    const path = request.path.replace(/^\/v1\//, '');
    if (path === request.path) throw new Error(`${request.path} is not below /v1/`);
    if (namespace !== '' && !namespaces.includes(namespace)) return refuse(404, 'namespace not found');
    const full = namespace === '' ? path : `${namespace}/${path}`;
    if (/(^|\/)auth\/.+\/login$/.test(full))
      return logIn(request, full.replace(/(^|\/)auth\//, '$1').replace(/\/login$/, ''));

    const token = request.headers['x-vault-token'] ?? '';
    const rules = tokens.get(token);
    if (rules === undefined) return UNKNOWN_TOKEN;
    if (path === 'auth/token/revoke-self') return revoke(request, token);
    if (request.method !== 'GET') throw new Error(`${request.method} ${path}`);
    if (path === 'auth/token/lookup-self') return { status: 200, body: { data: { policies: ['default'] } } };
    return read(full, path, request.query, rules);
  }

  function logIn(request: ProviderRequest, mount: string): ProviderAnswer {
    if (request.method !== 'POST') throw new Error(`${request.method} at a login`);
    if (request.headers['x-vault-token'] !== undefined) throw new Error('a login carries a token');
    logins += 1;
    const body = textsOf(request.body);
    const appRole = appRoles[mount];
    if (appRole !== undefined) {
      const isRight = body['role_id'] === appRole.roleId && body['secret_id'] === appRole.secretId;
      return isRight ? letIn(appRole) : refuse(400, 'invalid role or secret ID');
    }
    const role = roles[`${mount}/${body['role']}`];
    if (role === undefined) return refuse(400, 'invalid role name');
    const claims = claimsOf(body['jwt'] ?? '');
    if (claims === undefined) return refuse(400, 'error validating token: must have three parts');
    if (![claims['aud']].flat().includes(role.audience)) return refuse(400, 'invalid audience (aud) claim');
    if (!role.subjects.includes(String(claims['sub']))) return refuse(403, 'service account name not authorized');
    return letIn(role);
  }

  function letIn({ rules, leaseSeconds = 3600, tokenType = 'service' }: VaultRole): ProviderAnswer {
    const token = `hvs.${LEAK_MARKER}-${logins}`;
    tokens.set(token, rules);
    if (tokenType === 'service') liveTokens.add(token);
    const auth = {
      client_token: token,
      accessor: 'a',
      lease_duration: leaseSeconds,
      renewable: false,
      token_type: tokenType,
    };
    return { status: 200, body: { request_id: 'r', data: null, auth } };
  }

  function revoke({ method }: ProviderRequest, token: string): ProviderAnswer {
    if (method !== 'POST') throw new Error(`${method} at a revocation`);
    tokens.delete(token);
    liveTokens.delete(token);
    return { status: 204 };
  }

  function read(full: string, path: string, query: URLSearchParams, rules: readonly VaultRule[]): ProviderAnswer {
    const capability = query.get('list') === 'true' ? 'list' : 'read';
    if (!rules.some((rule) => covers(rule.path, full) && rule.capabilities.includes(capability))) return DENIED;
    const mount = Object.keys(engines).find((candidate) => full.startsWith(`${candidate}/`));
    const engine = mount === undefined ? undefined : engines[mount];
    if (mount === undefined || engine === undefined)
      return refuse(404, `no handler for route "${path}". route entry not found.`);
    return askKv(engine, full.slice(mount.length + 1), query);
  }

  return {
    ...(await startProviderServer(handle, settings)),
    liveTokens,
    get logins() {
      return logins;
    },
    expireTokens() {
      tokens.clear();
      liveTokens.clear();
    },
    forgetRoles() {
      roles = {};
    },
  };
}

/** A JSON object of texts, which is all that a login sends. */
function textsOf(body: Buffer): Readonly<Record<string, string>> {
  const fields = Fields.of({ body: JSON.parse(body.toString('utf8')) as unknown }, '');
  const texts = fields.textMap('body');
  if (fields.problems.length > 0) throw new Error('a login sends no texts');
  return texts;
}

/** Vault agents demand this header, and nothing of ours may send credentials another way. */
function checkHeaders({ headers }: ProviderRequest): string {
  if (headers['x-vault-request'] !== 'true') throw new Error('X-Vault-Request is missing');
  if (headers['authorization'] !== undefined) throw new Error('Authorization is sent');
  return headers['x-vault-namespace'] ?? '';
}

function covers(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

function refuse(status: number, error: string): ProviderAnswer {
  return { status, body: { errors: [error] } };
}
