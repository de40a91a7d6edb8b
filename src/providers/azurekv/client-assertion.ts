import { createPrivateKey, constants, type KeyObject, randomUUID, sign, X509Certificate } from 'node:crypto';

/** A certificate with its private key, with which an application proves itself. */
export interface ClientCertificate {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/;
const LIFETIME_SECONDS = 600;

/** Reads PEM: the certificate first, its RSA key anywhere. Undefined where they are not there, or do not belong together. */
export function parseClientCertificate(pem: string): ClientCertificate | undefined {
  const [certificate] = CERTIFICATE.exec(pem) ?? [];
  const [key] = PRIVATE_KEY.exec(pem) ?? [];
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const pair = { certificate: new X509Certificate(certificate), privateKey: createPrivateKey(key) };
    const isUsable = pair.privateKey.asymmetricKeyType === 'rsa' && pair.certificate.checkPrivateKey(pair.privateKey);
    return isUsable ? pair : undefined;
  } catch {
    return undefined;
  }
}

/** The JWT that Entra takes instead of a secret: "Microsoft identity platform application authentication certificate credentials". */
export function signClientAssertion(
  { certificate, privateKey }: ClientCertificate,
  { clientId, audience, nowMs }: { readonly clientId: string; readonly audience: string; readonly nowMs: number },
): string {
  const issuedAt = Math.floor(nowMs / 1000);
  const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint };
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${text}.${signature.toString('base64url')}`;
}
