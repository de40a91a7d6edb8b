import { createPublicKey, generateKeyPairSync, type JsonWebKey, sign, verify } from 'node:crypto';
import { isMapping } from '../../src/fields.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** What an API server publishes at /openid/v1/jwks. */
export interface Jwks {
  readonly keys: readonly (JsonWebKey & { readonly kid?: string })[];
}

/** Makes ServiceAccount tokens as an API server does. */
export interface KubernetesIssuer {
  readonly issuer: string;
  readonly jwksOf: () => Promise<Jwks>;
  /** `exp` is ten minutes from now unless the claims say otherwise. */
  readonly sign: (claims: Claims) => string;
}

/** What a cloud demands of a token before it looks at its own rules. */
export interface TokenCheck {
  readonly issuer: string;
  readonly jwksOf: () => Promise<Jwks>;
  readonly now?: () => number;
}

export type Verdict =
  | { readonly ok: true; readonly claims: Claims; readonly subject: string; readonly audiences: readonly string[] }
  | { readonly ok: false; readonly reason: 'malformed' | 'issuer' | 'key' | 'signature' | 'expired' | 'subject' };

export const TEST_ISSUER = 'https://oidc.example.com/id/ABCDEF';

export function createKubernetesIssuer(issuer = TEST_ISSUER): KubernetesIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = 'key-1';
  return {
    issuer,
    jwksOf: async () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] }),
    sign(claims) {
      const seconds = Math.floor(Date.now() / 1000);
      const body = [
        { alg: 'ES256', kid },
        { iss: issuer, iat: seconds, nbf: seconds, exp: seconds + 600, ...claims },
      ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
      const signature = sign('sha256', Buffer.from(body.join('.')), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return [...body, signature.toString('base64url')].join('.');
    },
  };
}

/** Signature, issuer, time and subject; audiences are compared by the caller, whose clouds differ in it. */
export async function verifyToken(token: string, { issuer, jwksOf, now = Date.now }: TokenCheck): Promise<Verdict> {
  const parts = token.split('.');
  const [header, claims] = parts.slice(0, 2).map(parsePart);
  if (parts.length !== 3 || header === undefined || claims === undefined) return { ok: false, reason: 'malformed' };
  if (claims['iss'] !== issuer) return { ok: false, reason: 'issuer' };

  const key = (await jwksOf()).keys.find(({ kid }) => kid === header['kid']);
  if (key === undefined) return { ok: false, reason: 'key' };
  const signed = Buffer.from(parts.slice(0, 2).join('.'));
  if (!isSigned(signed, Buffer.from(parts[2] ?? '', 'base64url'), key, header['alg'])) {
    return { ok: false, reason: 'signature' };
  }
  const seconds = now() / 1000;
  if (Number(claims['exp']) <= seconds || Number(claims['nbf'] ?? 0) > seconds + 60)
    return { ok: false, reason: 'expired' };
  const { sub } = claims;
  if (typeof sub !== 'string' || !/^system:serviceaccount:[^:]+:[^:]+$/.test(sub))
    return { ok: false, reason: 'subject' };
  return { ok: true, claims, subject: sub, audiences: [claims['aud']].flat().map(String) };
}

function isSigned(signed: Buffer, signature: Buffer, jwk: JsonWebKey, alg: unknown): boolean {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  if (alg === 'RS256') return key.asymmetricKeyType === 'rsa' && verify('sha256', signed, key, signature);
  if (alg !== 'ES256' || key.asymmetricKeyType !== 'ec') return false;
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function parsePart(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
