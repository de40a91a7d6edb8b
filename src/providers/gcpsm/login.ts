import { LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, ServiceAccountFacts, StoreIdentity } from '../provider.ts';
import { objectOf } from './answer.ts';
import type { AuthSettings } from './auth-settings.ts';
import { type Federation, memberOf } from './federation.ts';
import type { HttpAnswer, HttpRequest, HttpSend } from './http.ts';
import { type Impersonation, impersonationOf } from './impersonation.ts';
import { describeKey, parseKeyFile, signAssertion } from './key-file.ts';
import { fromLoginAnswer, type LoginStep } from './login-errors.ts';
import type { GcpsmSettings } from './settings.ts';
import { notGoogle } from './trouble.ts';

/** As whom Google is asked from now on. */
export interface Session {
  readonly token: SecretValue;
  readonly expiresAt: Date;
  readonly reader: Reader;
}

/** How messages call whoever reads. */
export interface Reader {
  /** For the Pod's author: `ServiceAccount payments/api as api@acme.iam.gserviceaccount.com`. */
  readonly who: string;
  /** For whoever grants access: the member of an IAM policy. */
  readonly member: string;
}

export interface Way {
  readonly identity: StoreIdentity;
  readonly send: HttpSend;
  readonly maxResponseBytes: number;
  readonly now: () => number;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'; // the only one that Secret Manager takes
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' } as const;
const JSON_BODY = { 'Content-Type': 'application/json' } as const;
// A session with a key ends then at the latest, so that a rotated key is seen.
const MAX_KEY_SESSION_MS = 15 * 60_000;

export async function logIn(settings: GcpsmSettings, way: Way, call: Call): Promise<Session> {
  const { auth } = settings;
  return auth.method === 'key' ? logInWithKey(auth, settings, way, call) : logInAs(auth, settings, way, call);
}

/** A token of the ServiceAccount becomes one of Google's: the ServiceAccount's own, or a Google service account's. */
async function logInAs(
  auth: Extract<AuthSettings, { method: 'federation' }>,
  settings: GcpsmSettings,
  way: Way,
  call: Call,
): Promise<Session> {
  const { federation, impersonate } = auth;
  const { serviceAccount } = way.identity;
  if (serviceAccount === undefined) throw new LatchkeyError('INTERNAL', 'the store was given no ServiceAccount');
  const account = impersonationOf(impersonate, serviceAccount);
  const member = memberOf(federation, serviceAccount);
  const who = `ServiceAccount ${serviceAccount.namespace}/${serviceAccount.name}`;

  const federated = await exchange(federation, serviceAccount, settings, way, call);
  if (account === undefined) return { ...federated, reader: { who, member } };
  const session = await becomeAccount(account, { ...federated, reader: { who, member } }, settings, way, call);
  return { ...session, reader: { who: `${who} as ${account.email}`, member: `serviceAccount:${account.email}` } };
}

async function exchange(
  federation: Federation,
  { namespace, name }: ServiceAccountFacts,
  { services, project }: GcpsmSettings,
  way: Way,
  call: Call,
): Promise<Omit<Session, 'reader'>> {
  const jwt = await way.identity.token(federation.tokenAudience, call);
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: federation.audience,
    scope: SCOPE,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    subject_token: jwt.exposeText(),
  });
  const request = { url: `${services.sts}/v1/token`, method: 'POST', headers: FORM, body: form.toString() } as const;
  const step: LoginStep = { kind: 'exchange', who: `ServiceAccount ${namespace}/${name}`, federation };
  return readOauth(await ask(request, step, project, way, call));
}

async function becomeAccount(
  { email, delegates }: Impersonation,
  { token, reader }: Session,
  { services, project }: GcpsmSettings,
  way: Way,
  call: Call,
): Promise<Omit<Session, 'reader'>> {
  const url = `${services.iamcredentials}/v1/projects/-/serviceAccounts/${email}:generateAccessToken`;
  const body = JSON.stringify({
    scope: [SCOPE],
    ...(delegates.length > 0 && { delegates: delegates.map((delegate) => `projects/-/serviceAccounts/${delegate}`) }),
  });
  const headers = { ...JSON_BODY, Authorization: `Bearer ${token.exposeText()}` };
  const step: LoginStep = { kind: 'impersonate', ...reader, email };
  const answer = await ask({ url, method: 'POST', headers, body }, step, project, way, call);

  const { accessToken, expireTime } = objectOf(answer) ?? {};
  const expiresAt = new Date(typeof expireTime === 'string' ? expireTime : Number.NaN);
  if (typeof accessToken !== 'string' || accessToken === '' || Number.isNaN(expiresAt.getTime()))
    throw notGoogle(answer);
  return { token: SecretValue.fromText(accessToken), expiresAt };
}

async function logInWithKey(
  { key: selector }: Extract<AuthSettings, { method: 'key' }>,
  { services, project }: GcpsmSettings,
  way: Way,
  call: Call,
): Promise<Session> {
  const key = parseKeyFile(await way.identity.credential(selector, call), selector);
  const assertion = signAssertion(key, { scope: SCOPE, nowMs: way.now() });
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  // Not the address in the key file: whoever writes that Secret must not choose where Latchkey calls.
  const request = { url: `${services.oauth2}/token`, method: 'POST', headers: FORM, body: form.toString() } as const;
  const who = `${key.email} with the key in ${describeKey(selector)}`;
  const session = readOauth(await ask(request, { kind: 'key', who }, project, way, call));
  return {
    token: session.token,
    expiresAt: new Date(Math.min(session.expiresAt.getTime(), way.now() + MAX_KEY_SESSION_MS)),
    reader: { who, member: `serviceAccount:${key.email}` },
  };
}

/** The answer, with the time it was asked for: lifetimes run from somewhere between. */
async function ask(
  request: HttpRequest,
  step: LoginStep,
  project: string,
  { send, maxResponseBytes, now }: Way,
  { signal }: Call,
): Promise<HttpAnswer & { readonly askedAtMs: number }> {
  const askedAtMs = now();
  const answer = await send(request, { signal, maxResponseBytes });
  if (answer.status !== 200) throw fromLoginAnswer(answer, step, project);
  return { ...answer, askedAtMs };
}

function readOauth(answer: HttpAnswer & { readonly askedAtMs: number }): Omit<Session, 'reader'> {
  const body = objectOf(answer);
  const { access_token: token, expires_in: seconds } = isMapping(body) ? body : {};
  if (typeof token !== 'string' || token === '' || typeof seconds !== 'number') throw notGoogle(answer);
  return { token: SecretValue.fromText(token), expiresAt: new Date(answer.askedAtMs + seconds * 1000) };
}
