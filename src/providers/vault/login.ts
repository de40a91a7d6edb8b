import { SecretValue } from '../../secret-value.ts';
import type { Call, SecretKeySelector, StoreIdentity } from '../provider.ts';
import { integerOf } from './answer.ts';
import type { AuthMethod, AuthSettings, JwtSource } from './auth-settings.ts';
import { fromAnswer } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import { isJsonObject } from '../json.ts';
import { describeSelector } from '../selector.ts';
import { type LoginStep, notVault, type Scene } from './scene.ts';
import type { VaultTransport } from './transport.ts';

/** As whom Vault is read from now on. */
export interface Session {
  readonly token?: SecretValue;
  /** Vault made the token for us, so it is ours to revoke. */
  readonly revocable: boolean;
  readonly expiresAt: Date;
}

/** What a login sends, and how messages call it. */
interface Login {
  readonly path: readonly string[];
  readonly body: Readonly<Record<string, string>>;
  readonly step: LoginStep;
}

// A session ends then at the latest, so that rotated credentials and authorities are seen.
const MAX_SESSION_MS = 15 * 60_000;
// Taken off a lease, so that no token expires on its way: a tenth, at most this.
const MAX_MARGIN_MS = 30_000;

/** Logs in as the store says. Vault's kubernetes, jwt and approle methods differ in what they are sent, and in no more. */
export async function logIn(
  auth: AuthSettings,
  {
    identity,
    transport,
    scene,
    now,
  }: { identity: StoreIdentity; transport: VaultTransport; scene: Scene; now: () => number },
  call: Call,
): Promise<Session> {
  const startedAt = now(); // before the call: the lease runs from somewhere inside it
  const latest = new Date(startedAt + MAX_SESSION_MS);
  if (auth.method === 'none') return { revocable: false, expiresAt: latest };
  if (auth.method === 'token') {
    const token = SecretValue.fromText(await text(auth.token, identity, call));
    return { token, revocable: false, expiresAt: latest };
  }

  const { path, body, step } = await prepare(auth, identity, call);
  const answer = await transport.as(undefined, auth.namespace)({ method: 'POST', path, body }, call);
  if (answer.status !== 200) throw fromAnswer(answer, step, scene);
  return toSession(answer, startedAt, scene);
}

/** How messages call whoever reads with this method. */
export function readerOf(auth: AuthMethod): Pick<Scene, 'reader' | 'token'> {
  if (auth.method === 'none') return { reader: 'a caller without a token', token: 'none' };
  if (auth.method === 'token') return { reader: `the token in ${describeSelector(auth.token)}`, token: 'own' };
  const mount = `auth/${auth.mount.join('/')}`;
  if (auth.method === 'appRole') return { reader: `the AppRole of ${mount}`, token: 'login' };
  return { reader: auth.role === '' ? `the default role of ${mount}` : `role "${auth.role}"`, token: 'login' };
}

async function prepare(
  auth: AuthSettings & { readonly method: 'appRole' | 'kubernetes' | 'jwt' },
  identity: StoreIdentity,
  call: Call,
): Promise<Login> {
  const path = ['auth', ...auth.mount, 'login'];
  const step = { kind: 'login', mount: `auth/${auth.mount.join('/')}`, namespace: auth.namespace } as const;
  if (auth.method === 'appRole') {
    const roleId = typeof auth.roleId === 'string' ? auth.roleId : await text(auth.roleId, identity, call);
    const body = { role_id: roleId, secret_id: await text(auth.secretId, identity, call) };
    const who = `the AppRole with the secret id in ${describeSelector(auth.secretId)}`;
    return { path, body, step: { ...step, who, role: '', check: 'the role id and whether the secret id has expired' } };
  }

  const { role, jwt } = auth;
  const body = { ...(role !== '' && { role }), jwt: await readJwt(jwt, identity, call) };
  return { path, body, step: { ...step, who: whoOf(jwt, identity), role, check: whatToCheck(auth) } };
}

async function readJwt(source: JwtSource, identity: StoreIdentity, call: Call): Promise<string> {
  if (source.from === 'secret') return text(source.secret, identity, call);
  return (await identity.token(source.audience, call)).exposeText();
}

function whoOf(source: JwtSource, { serviceAccount }: StoreIdentity): string {
  if (source.from === 'secret') return `the JWT in ${describeSelector(source.secret)}`;
  return serviceAccount === undefined
    ? 'the ServiceAccount'
    : `ServiceAccount ${serviceAccount.namespace}/${serviceAccount.name}`;
}

function whatToCheck({ method, role, jwt }: AuthMethod & { readonly method: 'kubernetes' | 'jwt' }): string {
  const which = role === '' ? 'the default role' : `role "${role}"`;
  const audience = jwt.from === 'identity' ? ` (the token's is "${jwt.audience}")` : '';
  return method === 'kubernetes'
    ? `bound_service_account_names, bound_service_account_namespaces and audience${audience} of ${which}`
    : `bound_audiences${audience}, bound_subject and bound_claims of ${which}`;
}

function toSession(answer: HttpAnswer, startedAt: number, scene: Scene): Session {
  const auth = isJsonObject(answer.body) ? answer.body['auth'] : undefined;
  const token = isJsonObject(auth) ? auth['client_token'] : undefined;
  if (!isJsonObject(auth) || typeof token !== 'string' || token === '') throw notVault(answer, scene);

  const leaseMs = Number(integerOf(auth['lease_duration']) ?? 0) * 1000; // 0: it never expires
  const usableMs = leaseMs === 0 ? MAX_SESSION_MS : leaseMs - Math.min(leaseMs / 10, MAX_MARGIN_MS);
  return {
    token: SecretValue.fromText(token),
    revocable: auth['token_type'] !== 'batch', // a batch token is no object in Vault: nothing to revoke
    expiresAt: new Date(startedAt + Math.min(usableMs, MAX_SESSION_MS)),
  };
}

/** A credential as text. Files and `kubectl create secret` leave line ends that no token has. */
async function text(selector: SecretKeySelector, identity: StoreIdentity, call: Call): Promise<string> {
  return (await identity.credential(selector, call)).exposeText().trim();
}
