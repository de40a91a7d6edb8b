import { createPrivateKey, X509Certificate } from 'node:crypto';
import { LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import { SecretValue } from '../../secret-value.ts';
import { loadCa, toPem } from '../certificates.ts';
import type { TlsSettings } from '../http.ts';
import type { Call, SecretKeySelector, StoreIdentity } from '../provider.ts';
import { describeSelector } from '../selector.ts';
import type { AuthSettings } from './auth-settings.ts';
import { parseKubeconfig } from './kubeconfig.ts';
import type { Principal } from './scene.ts';
import type { KubernetesSettings } from './settings.ts';

/** Which cluster is asked, and with what. */
export interface Access {
  readonly server: URL;
  readonly tls: TlsSettings;
  readonly token?: SecretValue;
  readonly principal: Principal;
  readonly expiresAt: Date;
}

type Credential = Pick<Access, 'token' | 'principal'> & { readonly tls: TlsSettings; readonly endsAtMs?: number };

// Rotated credentials and authorities are seen after this at the latest.
const MAX_SESSION_MS = 15 * 60_000;
const SERVICE_ACCOUNT = /^system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})$/;
/** User names that stand in a command without quotes. */
const PLAIN_USER = /^[A-Za-z0-9][\w.:@/+-]{0,200}$/;

/** Gets what the store says it is read with. The API server has no login: the first read shows whether it is believed. */
export async function openAccess(
  { server, ca, auth, endpoints }: KubernetesSettings,
  { identity, now }: { readonly identity: StoreIdentity; readonly now: () => number },
  call: Call,
): Promise<Access> {
  const expiresAt = new Date(now() + MAX_SESSION_MS);
  if (auth.method === 'kubeconfig') {
    const where = describeSelector(auth.kubeconfig);
    const config = parseKubeconfig((await identity.credential(auth.kubeconfig, call)).exposeText(), where, endpoints);
    const { tls, ...credential } = fromKubeconfig(config.credential, where);
    const trust = {
      ...(config.ca !== undefined && { ca: config.ca }),
      ...(config.servername !== undefined && { servername: config.servername }),
    };
    return { server: config.server, tls: { ...trust, ...tls }, ...credential, expiresAt };
  }

  const [pem, { tls, endsAtMs, ...credential }] = await Promise.all([
    loadCa(ca, identity, call),
    readCredential(auth, identity, call),
  ]);
  return {
    server,
    tls: { ...(pem !== undefined && { ca: pem }), ...tls },
    ...credential,
    expiresAt: new Date(Math.min(expiresAt.getTime(), endsAtMs ?? Number.POSITIVE_INFINITY)),
  };
}

async function readCredential(
  auth: Exclude<AuthSettings, { readonly method: 'kubeconfig' }>,
  identity: StoreIdentity,
  call: Call,
): Promise<Credential> {
  switch (auth.method) {
    case 'identity':
      return ofServiceAccount(await identity.token(auth.audience, call), auth.audience, identity);
    case 'token':
      return ofToken(await text(auth.token, identity, call), describeSelector(auth.token));
    case 'certificate': {
      const [cert, key] = await Promise.all([text(auth.cert, identity, call), text(auth.key, identity, call)]);
      return ofCertificate(cert, key, describeSelector(auth.cert));
    }
  }
}

function fromKubeconfig(credential: ReturnType<typeof parseKubeconfig>['credential'], where: string): Credential {
  return credential.kind === 'token'
    ? ofToken(credential.token, where)
    : ofCertificate(credential.cert, credential.key, where);
}

function ofServiceAccount(token: SecretValue, audience: string, { serviceAccount }: StoreIdentity): Credential {
  const { exp } = claimsOf(token.exposeText());
  const { namespace = '', name = '' } = serviceAccount ?? {};
  return {
    token,
    tls: {},
    principal: {
      title: `ServiceAccount ${namespace}/${name}`,
      subject: `--user=system:serviceaccount:${namespace}:${name}`,
      bindIn: "that cluster, with the prefix that it gives this cluster's users",
      check: `that it accepts this cluster's tokens for the audience "${audience}"`,
    },
    ...(typeof exp === 'number' && { endsAtMs: exp * 1000 }),
  };
}

/** A token of a ServiceAccount of the other cluster says whose it is; others keep that to themselves. */
function ofToken(token: string, where: string): Credential {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(String(claimsOf(token)['sub'])) ?? [];
  return {
    token: SecretValue.fromText(token),
    tls: {},
    principal: {
      title: `the token in ${where}`,
      subject: namespace === undefined ? '--user=USER' : `--serviceaccount=${namespace}:${name}`,
      bindIn: 'that cluster',
      check: 'that the token is alive and was made for that cluster',
    },
  };
}

function ofCertificate(cert: string, key: string, where: string): Credential {
  const pem = toPem(cert);
  if (pem === undefined || !isPrivateKey(key)) {
    throw new LatchkeyError('STORE_INVALID', `${where} holds no client certificate with its key in PEM`, {
      hint: 'Correct what spec.provider.kubernetes names, or its content',
    });
  }
  const user = /^CN=(.+)$/m.exec(new X509Certificate(pem).subject)?.[1] ?? '';
  return {
    tls: { cert: pem, key },
    principal: {
      title: `the client certificate in ${where}`,
      subject: `--user=${PLAIN_USER.test(user) ? user : 'USER'}`,
      bindIn: 'that cluster',
      check: "that the certificate is valid and signed by that cluster's authority",
    },
  };
}

function isPrivateKey(key: string): boolean {
  try {
    return createPrivateKey(key).type === 'private';
  } catch {
    return false;
  }
}

/** Unverified: they end up in messages and in the time a client is kept, and nowhere else. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isMapping(claims) ? claims : {};
  } catch {
    return {};
  }
}

/** A credential as text. Files and `kubectl create secret` leave line ends that no token has. */
async function text(selector: SecretKeySelector, identity: StoreIdentity, call: Call): Promise<string> {
  return (await identity.credential(selector, call)).exposeText().trim();
}
