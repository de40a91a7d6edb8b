import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { isMapping } from '../../src/fields.ts';
import { type TokenCheck, verifyToken } from './kubernetes-issuer.ts';
import {
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
} from './provider-server.ts';

export interface RemoteSecret {
  readonly data?: Readonly<Record<string, string | Uint8Array>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface SecretRule {
  readonly verbs: readonly ('get' | 'list')[];
  readonly namespace: string;
  /** As resourceNames: absent means all; a list never matches one that has them. */
  readonly names?: readonly string[];
}

export interface RemoteCluster {
  /** By namespace and name. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, RemoteSecret>>>>;
  /** What each user may do; `system:anonymous` is whoever presents nothing that is believed. */
  readonly rules: Readonly<Record<string, readonly SecretRule[]>>;
  /** A foreign issuer of ServiceAccount tokens, as an AuthenticationConfiguration names one. */
  readonly jwt?: TokenCheck & { readonly audiences: readonly string[]; readonly usernamePrefix: string };
  /** Users by token that exist from the start. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** PEM of the authority of client certificates; their common name is the user. */
  readonly clientCa?: string;
}

export interface LoopbackKubernetes extends ProviderServer {
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  /** What these tokens were bound to is gone. */
  revoke(tokens: readonly string[]): void;
}

const ANONYMOUS = 'system:anonymous';
const SECRETS = /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/;
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
const METADATA_LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PAGE = 2; // however many are asked for: an API server may send fewer

/** A strict API server over HTTPS: what it does not serve is an error of the test. Facts are those of Kubernetes 1.35. */
export async function startLoopbackKubernetes(cluster: RemoteCluster): Promise<LoopbackKubernetes> {
  const { cert, private: key } = await certify('kube-apiserver');
  const revoked = new Set<string>();
  const tls = {
    cert,
    key,
    requestCert: true,
    rejectUnauthorized: false, // a certificate of another authority is no certificate
    ...(cluster.clientCa !== undefined && { ca: cluster.clientCa }),
  };
  const server = await startProviderServer(handle, { tls });
  return {
    ...server,
    ca: cert,
    revoke(tokens) {
      for (const token of tokens) revoked.add(token);
    },
  };

  async function handle(request: ProviderRequest): Promise<ProviderAnswer> {
    const user = await authenticate(request);
    if (user === undefined) return status(401, 'Unauthorized', 'Unauthorized');
    if (request.path === REVIEWS) return review(request, user);

    const [, namespace = '', name] = SECRETS.exec(request.path) ?? [];
    if (namespace === '' || request.method !== 'GET') throw new Error(`${request.method} ${request.path}`);
    const verb = name === undefined ? 'list' : 'get';
    if (!allows(user, verb, namespace, name)) return forbid(user, verb, namespace, name);
    const secrets = cluster.secrets[namespace] ?? {};
    if (name === undefined) return list(request, namespace, secrets);
    const secret = secrets[name];
    return secret === undefined
      ? status(404, 'NotFound', `secrets "${name}" not found`, { name, kind: 'secrets' })
      : { status: 200, body: { kind: 'Secret', apiVersion: 'v1', ...toObject(namespace, name, secret) } };
  }

  async function authenticate({ headers, socket }: ProviderRequest): Promise<string | undefined> {
    const token = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1];
    if (headers['authorization'] !== undefined && token === undefined) throw new Error('no bearer token');
    if (token === undefined) return certificateUser(socket);
    return revoked.has(token) ? undefined : (cluster.tokens?.[token] ?? (await tokenUser(token)));
  }

  async function tokenUser(token: string): Promise<string | undefined> {
    if (cluster.jwt === undefined) return undefined;
    const { audiences, usernamePrefix, ...check } = cluster.jwt;
    const verdict = await verifyToken(token, check);
    if (!verdict.ok || !verdict.audiences.some((audience) => audiences.includes(audience))) return undefined;
    return usernamePrefix + verdict.subject;
  }

  function allows(user: string, verb: 'get' | 'list', namespace: string, name: string | undefined): boolean {
    return (cluster.rules[user] ?? []).some(
      (rule) =>
        rule.namespace === namespace &&
        rule.verbs.includes(verb) &&
        (rule.names === undefined || (name !== undefined && rule.names.includes(name))),
    );
  }

  function review({ method, body }: ProviderRequest, user: string): ProviderAnswer {
    const asked: unknown = JSON.parse(body.toString('utf8'));
    const spec = isMapping(asked) ? asked['spec'] : undefined;
    if (method !== 'POST' || !isMapping(asked) || !isMapping(spec) || asked['kind'] !== 'SelfSubjectRulesReview') {
      throw new Error('no SelfSubjectRulesReview');
    }
    if (user === ANONYMOUS)
      return status(403, 'Forbidden', `User "${ANONYMOUS}" cannot create selfsubjectrulesreviews`);
    const resourceRules = (cluster.rules[user] ?? [])
      .filter(({ namespace }) => namespace === spec['namespace'])
      .map(({ verbs, names }) => ({
        verbs,
        apiGroups: [''],
        resources: ['secrets'],
        ...(names !== undefined && { resourceNames: names }),
      }));
    const basic = { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectrulesreviews'] };
    return {
      status: 201,
      body: { ...asked, status: { resourceRules: [basic, ...resourceRules], nonResourceRules: [], incomplete: false } },
    };
  }
}

/** An authority that is its own server or client certificate. */
export async function certify(name: string): Promise<{ readonly cert: string; readonly private: string }> {
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

function certificateUser(socket: ProviderRequest['socket']): string {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return ANONYMOUS;
  return String(socket.getPeerCertificate().subject.CN);
}

function forbid(user: string, verb: string, namespace: string, name: string | undefined): ProviderAnswer {
  const what = name === undefined ? 'secrets' : `secrets "${name}"`;
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "secrets" in API group "" in the namespace "${namespace}"`;
  return status(403, 'Forbidden', message, { ...(name !== undefined && { name }), kind: 'secrets' });
}

function list(
  { query, headers }: ProviderRequest,
  namespace: string,
  secrets: Readonly<Record<string, RemoteSecret>>,
): ProviderAnswer {
  const wanted = (query.get('labelSelector') ?? '').split(',').filter((term) => term !== '');
  const names = Object.keys(secrets)
    .sort()
    .filter((name) => wanted.every((term) => hasLabel(secrets[name], term)));
  const from = Number(query.get('continue') ?? 0);
  const asked = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
  const until = from + Math.min(asked, PAGE);
  const isMetadata = (headers['accept'] ?? '').includes(METADATA_LIST);
  const items = names.slice(from, until).map((name) => {
    const { data, ...metadata } = toObject(namespace, name, secrets[name] ?? {});
    return isMetadata ? metadata : { ...metadata, data };
  });
  const metadata = { resourceVersion: '7', ...(until < names.length && { continue: String(until) }) };
  const kind = isMetadata ? 'PartialObjectMetadataList' : 'SecretList';
  return {
    status: 200,
    body: {
      kind,
      apiVersion: isMetadata ? 'meta.k8s.io/v1' : 'v1',
      metadata,
      items: items.length === 0 ? null : items,
    },
  };
}

function hasLabel(secret: RemoteSecret | undefined, term: string): boolean {
  const [key = '', value = ''] = term.split('=');
  return secret?.labels?.[key] === value;
}

function toObject(namespace: string, name: string, { data = {}, labels, annotations }: RemoteSecret) {
  return {
    metadata: {
      name,
      namespace,
      uid: '6f0e2d0c-0000-4000-8000-000000000001',
      resourceVersion: '7',
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
    },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
    type: 'Opaque',
  };
}

function status(code: number, reason: string, message: string, details?: object): ProviderAnswer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  return { status: code, body };
}
