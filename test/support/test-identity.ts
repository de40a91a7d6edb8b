import { LatchkeyError } from '../../src/errors.ts';
import { isMapping } from '../../src/fields.ts';
import type { SecretKeySelector, ServiceAccountFacts, StoreIdentity } from '../../src/identity/store-identity.ts';
import { SecretValue } from '../../src/secret-value.ts';

/** Stands in every token and value of a test, so that one search finds what leaked. */
export const LEAK_MARKER = 'k33p0ut';

export interface TestIdentity extends StoreIdentity {
  /** Audiences that tokens were asked for, in order. */
  readonly audiences: readonly string[];
}

export interface TestIdentitySettings {
  readonly serviceAccount?: Partial<ServiceAccountFacts>;
  /** Values by `kind/name/key`, or by `kind/namespace/name/key` where the store names a namespace. */
  readonly credentials?: Readonly<Record<string, string>>;
  /** Signs the claims of tokens, for backends that look; without it they carry no signature. */
  readonly sign?: (claims: Readonly<Record<string, unknown>>) => string;
}

/** A ServiceAccount, `payments/api` unless told, whose tokens carry true claims. */
export function testIdentity({
  serviceAccount,
  credentials = {},
  sign = unsignedToken,
}: TestIdentitySettings = {}): TestIdentity {
  const facts = { namespace: 'payments', name: 'api', uid: 'sa-uid-1', annotations: {}, ...serviceAccount };
  const audiences: string[] = [];
  return {
    key: `${facts.namespace}/${facts.name}/${facts.uid}`,
    serviceAccount: facts,
    audiences,
    async token(audience) {
      audiences.push(audience);
      return SecretValue.fromText(sign({ aud: [audience], sub: subjectOf(facts) }));
    },
    async credential(selector) {
      const value = credentials[nameOf(selector)];
      if (value === undefined) {
        throw new LatchkeyError('STORE_CREDENTIAL_UNREADABLE', `${nameOf(selector)} cannot be read`);
      }
      return SecretValue.fromText(value);
    },
  };
}

export function subjectOf({ namespace, name }: Pick<ServiceAccountFacts, 'namespace' | 'name'>): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Has the form of a JWT. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  const expiry = { exp: Math.floor(Date.now() / 1000) + 600 };
  const parts = [
    { alg: 'none', typ: 'JWT' },
    { ...expiry, ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...parts, LEAK_MARKER].join('.');
}

/** The claims of such a token; undefined where it is none. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isMapping(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function nameOf({ kind, namespace, name, key }: SecretKeySelector): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name, key].join('/');
}
