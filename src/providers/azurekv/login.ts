import { LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import type { SecretValue } from '../../secret-value.ts';
import type { Call, SecretKeySelector, StoreIdentity } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';
import { parseClientCertificate, signClientAssertion } from './client-assertion.ts';
import { askEntra, type Proof, type Session, tokenUrl, type Way } from './entra.ts';
import { askMetadataService } from './imds.ts';
import type { EntraStep } from './login-errors.ts';
import { CLIENT_ID, isGuid, isTenant, principalOf } from './principal.ts';
import type { AzurekvSettings } from './settings.ts';

type Method<M extends AuthSettings['method']> = AuthSettings & { readonly method: M };

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
// A session with credentials ends then at the latest, so that rotated ones are seen.
const MAX_CREDENTIAL_SESSION_MS = 15 * 60_000;
/** Logs in as the store says; `claims` are what a vault demanded of a token that it did not accept. */
export async function logIn(settings: AzurekvSettings, way: Way, call: Call, claims?: string): Promise<Session> {
  const { auth } = settings;
  switch (auth.method) {
    case 'workloadIdentity':
      return logInAsServiceAccount(auth, settings, way, call, claims);
    case 'servicePrincipal':
      return logInWithCredential(auth, settings, way, call, claims);
    case 'managedIdentity':
      return askMetadataService(auth, settings, way, call);
  }
}

async function logInAsServiceAccount(
  auth: Method<'workloadIdentity'>,
  settings: AzurekvSettings,
  way: Way,
  call: Call,
  claims: string | undefined,
): Promise<Session> {
  const { identity } = way;
  const { serviceAccount } = identity;
  if (serviceAccount === undefined) throw new LatchkeyError('INTERNAL', 'a login without a ServiceAccount');
  const { namespace, name } = serviceAccount;
  const named = principalOf(serviceAccount, auth, settings.tenantId);
  if (named instanceof LatchkeyError) throw named;

  const [clientId, tenantId] = await Promise.all([
    named.clientId ?? readId(auth.clientId, isGuid, 'client id', identity, call),
    named.tenantId ?? readId(auth.tenantId, isTenant, 'tenant id', identity, call),
  ]);
  const jwt = await identity.token(auth.audience, call);
  const who = `ServiceAccount ${namespace}/${name}`;
  const step: EntraStep = {
    who,
    clientId,
    tenantId,
    source: auth.clientId === undefined ? `the annotation ${CLIENT_ID} of ${who}` : describe(auth.clientId),
    resource: settings.cloud.resource,
    proof: 'federation',
    token: { issuer: issuerOf(jwt), subject: `system:serviceaccount:${namespace}:${name}`, audience: auth.audience },
  };
  const proof = { client_assertion_type: JWT_BEARER, client_assertion: jwt.exposeText() };
  return askEntra(step, proof, settings, way, call, claims);
}

async function logInWithCredential(
  auth: Method<'servicePrincipal'>,
  settings: AzurekvSettings,
  way: Way,
  call: Call,
  claims: string | undefined,
): Promise<Session> {
  const { identity, now } = way;
  const { kind, selector } = auth.proof;
  const [clientId, tenantId, credential] = await Promise.all([
    readId(auth.clientId, isGuid, 'client id', identity, call),
    settings.tenantId ?? readId(auth.tenantId, isTenant, 'tenant id', identity, call),
    identity.credential(selector, call),
  ]);
  const source = describe(auth.clientId);
  const step: EntraStep = {
    who: 'the service principal',
    clientId,
    tenantId,
    source,
    resource: settings.cloud.resource,
    proof: kind,
  };
  const audience = tokenUrl(settings.cloud.authority, tenantId);
  const proof =
    kind === 'secret'
      ? { client_secret: credential.exposeText().trim() }
      : assert(credential, selector, { clientId, audience, nowMs: now() });
  const session = await askEntra(step, proof, settings, way, call, claims);
  const latest = now() + MAX_CREDENTIAL_SESSION_MS;
  return { ...session, expiresAt: new Date(Math.min(session.expiresAt.getTime(), latest)) };
}

function assert(
  pem: SecretValue,
  selector: SecretKeySelector,
  claims: { readonly clientId: string; readonly audience: string; readonly nowMs: number },
): Proof {
  const certificate = parseClientCertificate(pem.exposeText());
  if (certificate === undefined) {
    throw new LatchkeyError('STORE_INVALID', `${describe(selector)} holds no certificate with its RSA key`, {
      hint: 'Write both there as PEM, the certificate first and the key unencrypted',
    });
  }
  return { client_assertion_type: JWT_BEARER, client_assertion: signClientAssertion(certificate, claims) };
}

/** An id that lies in a Secret. It becomes part of an address, so nothing but an id is taken. */
async function readId(
  selector: SecretKeySelector | undefined,
  isId: (text: string) => boolean,
  what: string,
  identity: StoreIdentity,
  call: Call,
): Promise<string> {
  if (selector === undefined) throw new LatchkeyError('INTERNAL', `a login without a ${what}`);
  // Files and `kubectl create secret` leave line ends that no id has.
  const text = (await identity.credential(selector, call)).exposeText().trim();
  if (isId(text)) return text;
  throw new LatchkeyError('STORE_INVALID', `${describe(selector)} holds no ${what}`, { hint: 'Correct the Secret' });
}

/** Public in every cluster; a federated credential must repeat it letter by letter. */
function issuerOf(jwt: SecretValue): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.exposeText().split('.')[1] ?? '', 'base64url').toString('utf8'));
    const issuer = isMapping(claims) ? claims['iss'] : undefined;
    if (typeof issuer === 'string' && URL.canParse(issuer)) return issuer;
  } catch {
    // Told below: what does not parse must not be quoted.
  }
  return "of the cluster's ServiceAccount tokens";
}

function describe({ kind, namespace, name, key }: SecretKeySelector): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} (key ${key})`;
}
