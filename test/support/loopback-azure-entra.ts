import { constants, createHash, randomUUID, verify, X509Certificate } from 'node:crypto';
import { isMapping } from '../../src/fields.ts';
import { type TokenCheck, verifyToken } from './kubernetes-issuer.ts';
import type { ProviderAnswer, ProviderRequest } from './provider-server.ts';
import { LEAK_MARKER } from './test-identity.ts';

/** An application or a managed identity, with what may prove it. */
export interface EntraClient {
  /** Compared letter by letter, as Entra does. */
  readonly federated?: readonly { readonly issuer: string; readonly subject: string; readonly audience: string }[];
  readonly secrets?: readonly string[];
  /** PEM. */
  readonly certificates?: readonly string[];
  readonly isDisabled?: boolean;
}

export interface EntraWorld extends TokenCheck {
  readonly tenantId: string;
  /** By client id. */
  readonly clients: Readonly<Record<string, EntraClient>>;
  /** Client ids of the node's managed identities; the first is the system-assigned one. */
  readonly nodeIdentities?: readonly string[];
  /** What tokens are made for; other scopes are unknown to the tenant. */
  readonly resource?: string;
  /** What Entra is called in assertions. */
  readonly authority?: string;
  readonly tokenSeconds?: number;
}

export interface EntraLogin {
  readonly clientId: string;
  readonly by: 'federation' | 'secret' | 'certificate' | 'node';
  /** Of the ServiceAccount's token. */
  readonly subject?: string;
  readonly audience?: string;
  readonly claims?: string;
}

export interface Entra {
  readonly logins: readonly EntraLogin[];
  ask(tenant: string, request: ProviderRequest): Promise<ProviderAnswer>;
  askNode(request: ProviderRequest): ProviderAnswer;
  /** The client that a token was made for; undefined where it is none, or worth nothing any more. */
  clientOf(token: string): string | undefined;
  expireTokens(): void;
}

type Proven = { readonly by: EntraLogin['by']; readonly subject?: string; readonly audience?: string } | ProviderAnswer;

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Microsoft Entra's token endpoint and the metadata service of a node. What they do not have is an error of the test. */
export function createEntra(world: EntraWorld): Entra {
  const { tenantId, clients, nodeIdentities = [], tokenSeconds = 3600 } = world;
  const { resource = 'https://vault.azure.net', authority = 'https://login.microsoftonline.com' } = world;
  const tokens = new Map<string, string>();
  const logins: EntraLogin[] = [];

  async function ask(tenant: string, { method, headers, body }: ProviderRequest): Promise<ProviderAnswer> {
    if (method !== 'POST' || headers['content-type'] !== 'application/x-www-form-urlencoded') throw new Error(method);
    if (headers['authorization'] !== undefined) throw new Error('a login carries a token');
    const form = new URLSearchParams(body.toString('utf8'));
    if (tenant !== tenantId) return refuse(400, 'invalid_request', 90002);
    if (must(form, 'grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 70003);
    const clientId = must(form, 'client_id');
    const client = clients[clientId];
    if (client === undefined) return refuse(400, 'unauthorized_client', 700016);
    if (must(form, 'scope') !== `${resource}/.default`) return refuse(400, 'invalid_resource', 500011);
    if (client.isDisabled === true) return refuse(401, 'invalid_client', 7000112);

    const proven = await prove(clientId, client, form);
    if ('status' in proven) return proven;
    const claims = form.get('claims');
    logins.push({ clientId, ...proven, ...(claims !== null && { claims }) });
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: tokenSeconds,
        ext_expires_in: tokenSeconds,
        access_token: makeToken(clientId),
      },
    };
  }

  async function prove(clientId: string, client: EntraClient, form: URLSearchParams): Promise<Proven> {
    const secret = form.get('client_secret');
    if (secret !== null) {
      return client.secrets?.includes(secret) === true ? { by: 'secret' } : refuse(401, 'invalid_client', 7000215);
    }
    if (must(form, 'client_assertion_type') !== JWT_BEARER) throw new Error('the assertion is of another type');
    const assertion = must(form, 'client_assertion');
    const { header, claims } = parseJwt(assertion);
    if (header['x5t#S256'] !== undefined) return proveCertificate(clientId, client, assertion, header, claims);

    const { federated = [] } = client;
    if (!federated.some(({ issuer }) => issuer === claims['iss'])) return refuse(401, 'invalid_client', 700211);
    const verdict = await verifyToken(assertion, world);
    if (!verdict.ok) return refuse(401, 'invalid_client', verdict.reason === 'expired' ? 700024 : 700027);
    const { subject, audiences } = verdict;
    const bySubject = federated.filter((credential) => credential.subject === subject);
    if (bySubject.length === 0) return refuse(401, 'invalid_client', 700213);
    const match = bySubject.find(({ audience }) => audiences.includes(audience));
    return match === undefined
      ? refuse(401, 'invalid_client', 700212)
      : { by: 'federation', subject, audience: match.audience };
  }

  function proveCertificate(
    clientId: string,
    { certificates = [] }: EntraClient,
    assertion: string,
    header: Readonly<Record<string, unknown>>,
    claims: Readonly<Record<string, unknown>>,
  ): Proven {
    const known = certificates.map((pem) => new X509Certificate(pem));
    const certificate = known.find(
      ({ raw }) => createHash('sha256').update(raw).digest('base64url') === header['x5t#S256'],
    );
    const [head, payload, signature = ''] = assertion.split('.');
    const isSigned =
      certificate !== undefined &&
      header['alg'] === 'PS256' &&
      verify(
        'sha256',
        Buffer.from(`${head}.${payload}`),
        { key: certificate.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
        Buffer.from(signature, 'base64url'),
      );
    if (!isSigned) return refuse(401, 'invalid_client', 700027);
    const seconds = (world.now ?? Date.now)() / 1000;
    if (Number(claims['exp']) < seconds || Number(claims['nbf']) > seconds + 300)
      return refuse(401, 'invalid_client', 700024);
    const isOurs =
      claims['iss'] === clientId &&
      claims['sub'] === clientId &&
      claims['aud'] === `${authority}/${tenantId}/oauth2/v2.0/token`;
    if (!isOurs || typeof claims['jti'] !== 'string') return refuse(401, 'invalid_client', 700023);
    return { by: 'certificate' };
  }

  function askNode({ method, headers, query }: ProviderRequest): ProviderAnswer {
    if (method !== 'GET' || headers['metadata'] !== 'true')
      throw new Error('the metadata service wants Metadata: true');
    if (query.get('api-version') !== '2018-02-01' || query.get('resource') !== resource) throw new Error('for what?');
    const clientId = query.get('client_id') ?? nodeIdentities[0];
    if (clientId === undefined || !nodeIdentities.includes(clientId)) {
      return { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } };
    }
    logins.push({ clientId, by: 'node' });
    const body = {
      access_token: makeToken(clientId),
      client_id: clientId,
      expires_in: String(tokenSeconds),
      resource,
      token_type: 'Bearer',
    };
    return { status: 200, body };
  }

  function makeToken(clientId: string): string {
    const token = `${LEAK_MARKER}-${randomUUID()}`;
    tokens.set(token, clientId);
    return token;
  }

  return { logins, ask, askNode, clientOf: (token) => tokens.get(token), expireTokens: () => tokens.clear() };
}

/** As Entra answers; what it says quotes what it was sent, which no message of ours may repeat. */
function refuse(status: number, error: string, code: number): ProviderAnswer {
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${LEAK_MARKER}. Trace ID: t Correlation ID: c Timestamp: 2026-01-02 03:04:05Z`,
      error_codes: [code],
      timestamp: '2026-01-02 03:04:05Z',
      trace_id: 't',
      correlation_id: 'c',
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

function must(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new Error(`the parameter ${name} is missing`);
  return value;
}

function parseJwt(jwt: string) {
  const [header, claims] = jwt.split('.').map((part): unknown => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    } catch {
      return undefined;
    }
  });
  if (!isMapping(header) || !isMapping(claims)) throw new Error('the assertion is no JWT');
  return { header, claims };
}
