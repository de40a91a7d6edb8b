import { isMapping } from '../fields.ts';
import type { SecretValue } from '../secret-value.ts';

/**
 * Whether the token names this ServiceAccount uid. The signature is of no interest: the token came from the API server over TLS.
 * A token that names none (an API server with a foreign signer) passes.
 */
export function tokenBelongsTo(token: SecretValue, uid: string): boolean {
  const named = readServiceAccountUid(token);
  return named === undefined || named === uid;
}

function readServiceAccountUid(token: SecretValue): string | undefined {
  const [, payload = ''] = token.exposeText().split('.', 2);
  const claims = mapping(parseJson(Buffer.from(payload, 'base64url').toString('utf8')));
  const uid = mapping(mapping(claims['kubernetes.io'])['serviceaccount'])['uid'];
  return typeof uid === 'string' ? uid : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {};
}
