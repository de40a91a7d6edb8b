import { LatchkeyError } from '../errors.ts';

/** Token audiences by provider kind, as `identity.audiences` of the configuration lists them. */
export type Audiences = Readonly<Record<string, readonly string[]>>;

/** The API server's audience in most clusters. Whoever receives such a token can act in the cluster as the Pod. */
const API_SERVER_AUDIENCE = /^(https:\/\/)?kubernetes(\.default(\.svc(\..*)?)?)?(:\d+)?\/?$/i;

/** Audiences belong to provider kinds, so that a token made for one cloud never reaches another's endpoint. */
export function checkAudience(audience: string, provider: string, audiences: Audiences): void {
  const allowed = Object.hasOwn(audiences, provider) ? (audiences[provider] ?? []) : [];
  // An empty audience would mean the API server's own.
  if (audience === '' || API_SERVER_AUDIENCE.test(audience)) {
    throw new LatchkeyError('AUDIENCE_NOT_ALLOWED', `no token is issued for the API server's audience "${audience}"`, {
      hint: `Name another audience in the store, one of identity.audiences.${provider} in Latchkey's configuration`,
    });
  }
  if (allowed.includes(audience)) return;
  throw new LatchkeyError('AUDIENCE_NOT_ALLOWED', `token audience "${audience}" is not open to provider ${provider}`, {
    hint: `Name an allowed audience in the store, or add this one to identity.audiences.${provider} in Latchkey's configuration`,
  });
}
