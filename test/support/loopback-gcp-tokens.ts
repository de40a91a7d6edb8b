import { createPublicKey, verify } from 'node:crypto';
import { isMapping } from '../../src/fields.ts';
import { type Claims, type Jwks, verifyToken } from './kubernetes-issuer.ts';
import type { ProviderAnswer, ProviderRequest } from './provider-server.ts';
import { LEAK_MARKER } from './test-identity.ts';

/** A provider in a workload identity pool, by the audience that STS is asked for. */
export interface WorkloadIdentityProvider {
  /** `projects/NUMBER/locations/global/workloadIdentityPools/POOL`, or a cluster's pool `PROJECT.svc.id.goog`. */
  readonly pool: string;
  readonly allowedAudiences: readonly string[];
  /** Its attribute condition: subjects that are let in; absent means all. */
  readonly subjects?: readonly string[];
}

export interface GoogleServiceAccount {
  /** Members with roles/iam.workloadIdentityUser or serviceAccountTokenCreator on it. */
  readonly users?: readonly string[];
  /** Public keys in PEM, by key id. */
  readonly keys?: Readonly<Record<string, string>>;
}

export interface TokenWorld {
  /** The cluster that the providers trust. */
  readonly issuer: string;
  jwksOf(): Promise<Jwks>;
  readonly providers?: Readonly<Record<string, WorkloadIdentityProvider>>;
  readonly serviceAccounts?: Readonly<Record<string, GoogleServiceAccount>>;
}

export interface TokenDesk {
  /** The members that a request's token stands for; undefined where it has none that is valid. */
  membersOf(request: ProviderRequest): readonly string[] | undefined;
  /** Kubernetes tokens that were accepted. */
  readonly seen: readonly { readonly subject: string; readonly audiences: readonly string[] }[];
  exchange(request: ProviderRequest): Promise<ProviderAnswer>;
  impersonate(request: ProviderRequest, email: string): ProviderAnswer;
  assert(request: ProviderRequest): ProviderAnswer;
  /** No token is worth anything from now on. */
  expireTokens(): void;
}

export const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LIFETIME_SECONDS = 3600;

/** Google's STS, IAM Credentials and OAuth endpoints. What their descriptions do not allow is an error of the test. */
export function createTokenDesk(world: TokenWorld): TokenDesk {
  const { providers = {}, serviceAccounts = {} } = world;
  const tokens = new Map<string, readonly string[]>();
  const seen: { subject: string; audiences: readonly string[] }[] = [];
  let issued = 0;

  function issue(members: readonly string[]): string {
    issued += 1;
    const token = `ya29.${LEAK_MARKER}-${issued}`;
    tokens.set(token, members);
    return token;
  }

  return {
    seen,
    membersOf: ({ headers }) => tokens.get(/^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''),
    expireTokens: () => tokens.clear(),

    async exchange(request) {
      const form = readForm(request, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        scope: SCOPE,
      });
      const provider = providers[part(form, 'audience')];
      if (provider === undefined) return oauthError('invalid_target', 'The target service is invalid');
      const verdict = await verifyToken(part(form, 'subject_token'), world);
      if (!verdict.ok) return oauthError('invalid_grant', `${verdict.reason}: ${form.get('subject_token')}`);
      const { subject, audiences } = verdict;
      if (!audiences.some((audience) => provider.allowedAudiences.includes(audience))) {
        return oauthError('invalid_grant', `The audience in ID Token [${audiences.join()}] does not match`);
      }
      if (provider.subjects?.includes(subject) === false) {
        return oauthError('unauthorized_client', 'The given credential is rejected by the attribute condition.');
      }
      seen.push({ subject, audiences });
      return ok({
        access_token: issue(membersFor(provider, subject)),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: LIFETIME_SECONDS,
      });
    },

    impersonate(request, email) {
      const body: unknown = JSON.parse(request.body.toString('utf8'));
      if (!isMapping(body) || !Array.isArray(body['scope']) || !body['scope'].includes(SCOPE)) {
        throw new Error('generateAccessToken without a scope');
      }
      const members = this.membersOf(request);
      if (members === undefined)
        return apiError(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
      const chain = Array.isArray(body['delegates'])
        ? body['delegates'].map((name) => String(name).split('/').at(-1))
        : [];
      let actors = members;
      for (const target of [...chain, email]) {
        const account = serviceAccounts[String(target)];
        if (account === undefined) return apiError(404, 'NOT_FOUND', 'Not found; Gaia id not found for email');
        if (!account.users?.some((user) => actors.includes(user))) {
          const permission = 'iam.serviceAccounts.getAccessToken';
          return apiError(
            403,
            'PERMISSION_DENIED',
            `Permission '${permission}' denied on resource (or it may not exist).`,
            [errorInfo('IAM_PERMISSION_DENIED', 'iam.googleapis.com', { permission })],
          );
        }
        actors = [`serviceAccount:${String(target)}`];
      }
      const expireTime = new Date(Date.now() + LIFETIME_SECONDS * 1000).toISOString();
      return ok({ accessToken: issue(actors), expireTime });
    },

    assert(request) {
      const form = readForm(request, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' });
      const email = verifyAssertion(part(form, 'assertion'), serviceAccounts);
      if (email === undefined) return oauthError('invalid_grant', `Invalid JWT Signature. ${form.get('assertion')}`);
      const token = issue([`serviceAccount:${email}`]);
      return ok({ access_token: token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS - 1 });
    },
  };
}

export function apiError(
  code: number,
  status: string,
  message: string,
  details: readonly object[] = [],
): ProviderAnswer {
  return { status: code, body: { error: { code, message, status, ...(details.length > 0 && { details }) } } };
}

export function errorInfo(reason: string, domain: string, metadata: Readonly<Record<string, string>> = {}): object {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain, metadata };
}

function oauthError(error: string, description: string): ProviderAnswer {
  return { status: 400, body: { error, error_description: description } };
}

function ok(body: unknown): ProviderAnswer {
  return { status: 200, body };
}

/** How IAM policies can name the holder of an exchanged token. */
function membersFor({ pool }: WorkloadIdentityProvider, subject: string): readonly string[] {
  const [, , namespace = '', name = ''] = subject.split(':');
  if (pool.endsWith('.id.goog')) return [`serviceAccount:${pool}[${namespace}/${name}]`];
  return [`principal://iam.googleapis.com/${pool}/subject/${subject}`];
}

function readForm({ headers, body }: ProviderRequest, expected: Readonly<Record<string, string>>): URLSearchParams {
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') throw new Error('no form is sent');
  if (headers['authorization'] !== undefined) throw new Error('a login carries a token');
  const form = new URLSearchParams(body.toString('utf8'));
  for (const [name, value] of Object.entries(expected)) {
    if (form.get(name) !== value) throw new Error(`${name} is ${form.get(name)}`);
  }
  return form;
}

function part(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new Error(`${name} is missing`);
  return value;
}

/** The service account that signed it; undefined where the signature or the times do not hold. */
function verifyAssertion(jwt: string, accounts: TokenWorld['serviceAccounts'] = {}): string | undefined {
  const parts = jwt.split('.');
  const [header = {}, claims = {}] = parts.slice(0, 2).map((one): Claims => {
    const value: unknown = JSON.parse(Buffer.from(one, 'base64url').toString('utf8'));
    return isMapping(value) ? value : {};
  });
  const { iss, aud, scope, iat, exp } = claims;
  if (aud !== 'https://oauth2.googleapis.com/token' || scope !== SCOPE || header['alg'] !== 'RS256') {
    throw new Error('the assertion is not what the endpoint takes');
  }
  const pem = accounts[String(iss)]?.keys?.[String(header['kid'])];
  const seconds = Date.now() / 1000;
  const isTimely = Number(iat) <= seconds + 60 && Number(exp) > seconds && Number(exp) - Number(iat) <= 3600;
  if (pem === undefined || !isTimely) return undefined;
  const signed = Buffer.from(parts.slice(0, 2).join('.'));
  const signature = Buffer.from(parts[2] ?? '', 'base64url');
  return verify('sha256', signed, createPublicKey(pem), signature) ? String(iss) : undefined;
}
