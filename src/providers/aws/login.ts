import { fromTemporaryCredentials, fromWebToken } from '@aws-sdk/credential-providers';
import { LatchkeyError } from '../../errors.ts';
import type { Call, SecretKeySelector, ServiceAccountFacts, StoreIdentity } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';
import { type AwsCredentials, clientConfig } from './client-config.ts';
import { hostOf } from './endpoint-settings.ts';
import { fromAws } from './errors.ts';
import type { Pool } from './pool.ts';
import { parseRole } from './role.ts';
import type { RoleStep } from './role-settings.ts';
import type { Principal, Scene, Step } from './scene.ts';
import type { AwsSettings } from './settings.ts';
import { ROLE_ARN, type WebIdentity } from './web-identity.ts';

/** As whom AWS is read from now on. */
export interface Session {
  readonly credentials: AwsCredentials;
  readonly expiresAt: Date;
  readonly principal: Principal;
}

export interface LoginDeps {
  readonly identity: StoreIdentity;
  readonly pool: Pool;
  readonly maxResponseBytes: number;
  readonly now: () => number;
  /** A ServiceAccount's way to AWS; throws what is missing for one. */
  readonly webIdentity: (serviceAccount: ServiceAccountFacts) => WebIdentity;
}

type Sts = Awaited<ReturnType<ReturnType<typeof fromWebToken>>>;

// A session with an access key alone ends then, so that a rotated key is seen.
const MAX_KEY_SESSION_MS = 15 * 60_000;

/** The first credentials, then each role of the store with those of the one before. */
export async function logIn(settings: AwsSettings, deps: LoginDeps, call: Call): Promise<Session> {
  const { auth, roles } = settings;
  let session =
    auth.method === 'accessKey' ? await readAccessKey(auth, deps, call) : await exchangeToken(settings, deps, call);
  const sessionName = sessionNameOf(deps.identity);
  for (const role of roles) session = await assumeRole(role, session, sessionName, settings, deps, call);
  return session;
}

async function readAccessKey(
  auth: AuthSettings & { readonly method: 'accessKey' },
  { identity, now }: LoginDeps,
  call: Call,
): Promise<Session> {
  const { accessKeyId, secretAccessKey, sessionToken } = auth;
  const [id, secret, token] = await Promise.all([
    readText(accessKeyId, identity, call),
    readText(secretAccessKey, identity, call),
    sessionToken === undefined ? Promise.resolve(undefined) : readText(sessionToken, identity, call),
  ]);
  const { namespace, name } = accessKeyId;
  const where = `Secret ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return {
    credentials: {
      accessKeyId: id,
      secretAccessKey: secret,
      ...(token !== undefined && { sessionToken: token }),
    },
    expiresAt: new Date(now() + MAX_KEY_SESSION_MS),
    principal: { who: `the access key in ${where}`, source: `the access key in ${where}` },
  };
}

async function exchangeToken(
  settings: AwsSettings,
  { identity, webIdentity, pool, maxResponseBytes }: LoginDeps,
  call: Call,
): Promise<Session> {
  const { serviceAccount } = identity;
  if (serviceAccount === undefined) throw new LatchkeyError('INTERNAL', 'a login without a ServiceAccount');
  const { role, audience, stsUrl } = webIdentity(serviceAccount);
  const token = await identity.token(audience, call);

  const who = `ServiceAccount ${serviceAccount.namespace}/${serviceAccount.name}`;
  const principal = { who, role, source: `the annotation ${ROLE_ARN} of ${who}` };
  const subject = `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}`;
  const step: Step = { kind: 'webIdentity', role, audience, subject };
  const host = hostOf(stsUrl);
  const exchange = fromWebToken({
    roleArn: role.arn,
    roleSessionName: sessionNameOf(identity),
    webIdentityToken: token.exposeText(),
    clientConfig: clientConfig({
      region: settings.region,
      endpoint: stsUrl,
      requestHandler: pool.handler({ host, maxResponseBytes, signal: call.signal }),
    }),
  });
  return toSession(exchange, principal, step, { service: 'STS', host, region: settings.region, principal }, call);
}

async function assumeRole(
  role: RoleStep,
  { credentials, principal }: Session,
  sessionName: string,
  { region, endpoints }: AwsSettings,
  { pool, maxResponseBytes }: LoginDeps,
  call: Call,
): Promise<Session> {
  const host = hostOf(endpoints.sts);
  const parsed = parseRole(role.arn);
  const next: Principal = {
    who: principal.who,
    source: `spec.provider.aws.${role.field}`,
    ...(parsed !== undefined && { role: parsed }),
  };
  const step: Step = {
    kind: 'assumeRole',
    arn: role.arn,
    field: role.field,
    hasExternalId: role.externalId !== undefined,
    hasTags: role.tags.length > 0,
  };
  const exchange = fromTemporaryCredentials({
    masterCredentials: credentials,
    params: {
      RoleArn: role.arn,
      RoleSessionName: sessionName,
      ...(role.externalId !== undefined && { ExternalId: role.externalId }),
      ...(role.tags.length > 0 && { Tags: [...role.tags] }),
      ...(role.transitiveTagKeys.length > 0 && { TransitiveTagKeys: [...role.transitiveTagKeys] }),
    },
    clientConfig: clientConfig({
      region,
      endpoint: endpoints.sts,
      requestHandler: pool.handler({ host, maxResponseBytes, signal: call.signal }),
    }),
  });
  return toSession(exchange, next, step, { service: 'STS', host, region, principal }, call);
}

async function toSession(
  exchange: () => Promise<Sts>,
  principal: Principal,
  step: Step,
  scene: Scene,
  call: Call,
): Promise<Session> {
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await exchange();
    if (sessionToken === undefined || expiration === undefined) throw new TypeError('STS left something out');
    return { credentials: { accessKeyId, secretAccessKey, sessionToken }, expiresAt: expiration, principal };
  } catch (error) {
    throw fromAws(error, step, scene, call.signal);
  }
}

/** What CloudTrail shows beside the role. A namespace holds no dot, so the two parts stay apart; STS takes 64 characters. */
function sessionNameOf({ serviceAccount }: StoreIdentity): string {
  if (serviceAccount === undefined) return 'latchkey';
  return `latchkey-${serviceAccount.namespace}.${serviceAccount.name}`.slice(0, 64);
}

/** Files and `kubectl create secret` leave line ends that no key has. */
async function readText(selector: SecretKeySelector, identity: StoreIdentity, call: Call): Promise<string> {
  return (await identity.credential(selector, call)).exposeText().trim();
}
