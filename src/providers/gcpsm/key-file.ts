import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import type { SecretValue } from '../../secret-value.ts';
import type { SecretKeySelector } from '../provider.ts';
import { isServiceAccountEmail } from './impersonation.ts';

/** A Google service account's key, as `gcloud iam service-accounts keys create` writes it. */
export interface KeyFile {
  readonly email: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

// What Google's endpoint wants to be called, wherever it is reached.
const TOKEN_AUDIENCE = 'https://oauth2.googleapis.com/token';
const ASSERTION_SECONDS = 600;

/** Throws STORE_INVALID, without a word of what the Secret holds. */
export function parseKeyFile(value: SecretValue, selector: SecretKeySelector): KeyFile {
  const { type, client_email: email, private_key_id: keyId, private_key: pem } = parseObject(value.exposeText()) ?? {};
  const privateKey = typeof pem === 'string' ? parsePrivateKey(pem) : undefined;
  if (
    type === 'service_account' &&
    typeof email === 'string' &&
    isServiceAccountEmail(email) &&
    typeof keyId === 'string' &&
    privateKey !== undefined
  ) {
    return { email, keyId, privateKey };
  }
  throw new LatchkeyError('STORE_INVALID', `${describeKey(selector)} holds no key of a Google service account`, {
    hint: 'Write there the JSON file that gcloud iam service-accounts keys create made',
  });
}

/** A JWT in which the service account asks for a token of its own (RFC 7523). */
export function signAssertion(
  { email, keyId, privateKey }: KeyFile,
  { scope, nowMs }: { readonly scope: string; readonly nowMs: number },
): string {
  const issuedAt = Math.floor(nowMs / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId };
  const claims = { iss: email, scope, aud: TOKEN_AUDIENCE, iat: issuedAt, exp: issuedAt + ASSERTION_SECONDS };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

export function describeKey({ kind, namespace, name, key }: SecretKeySelector): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} (key ${key})`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isMapping(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function parsePrivateKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}
