import { isMapping } from '../../fields.ts';
import type { HttpAnswer } from './http.ts';

/** What Key Vault says instead of a value. Its codes decide; its message is never read, because it quotes the caller. */
export interface Complaint {
  /** `SecretNotFound`, `Forbidden`, … */
  readonly code: string;
  /** `ForbiddenByRbac`, `SecretDisabled`, … where Key Vault tells more. */
  readonly inner: string;
}

/** What Entra says instead of a token (RFC 6749, 5.2), with its own numbers, which its messages call AADSTS…. */
export interface OauthComplaint {
  readonly error: string;
  readonly codes: readonly number[];
}

/** Undefined where the answer is not in Key Vault's form. */
export function complaintOf(answer: HttpAnswer): Complaint | undefined {
  const body = jsonOf(answer);
  const error = isMapping(body) ? body['error'] : undefined;
  if (!isMapping(error) || typeof error['code'] !== 'string') return undefined;
  const inner = error['innererror'];
  return { code: error['code'], inner: isMapping(inner) && typeof inner['code'] === 'string' ? inner['code'] : '' };
}

/** Undefined where the answer is not in OAuth's form. */
export function oauthComplaintOf(answer: HttpAnswer): OauthComplaint | undefined {
  const body = jsonOf(answer);
  if (!isMapping(body) || typeof body['error'] !== 'string') return undefined;
  const codes: readonly unknown[] = Array.isArray(body['error_codes']) ? body['error_codes'] : [];
  return { error: body['error'], codes: codes.filter((code) => typeof code === 'number') };
}

/** A successful answer's JSON object; undefined where it is none. */
export function objectOf(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  const body = jsonOf(answer);
  return answer.status === 200 && isMapping(body) ? body : undefined;
}

/** The tenant that a challenge (`Bearer authorization="https://login…/TENANT", resource="…"`) tells to ask. */
export function challengedTenant({ challenge = '' }: HttpAnswer): string | undefined {
  return /\bauthorization(?:_uri)?="https:\/\/[^/"]+\/([0-9a-f-]{36})"/i.exec(challenge)?.[1];
}

/** Whether a token is asked for again, for reasons that came up since it was made (continuous access evaluation). */
export function demandsClaims({ challenge = '' }: HttpAnswer): boolean {
  return /\berror="insufficient_claims"/.test(challenge) && /\bclaims="/.test(challenge);
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
