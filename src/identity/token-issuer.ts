import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import type { SecretValue } from '../secret-value.ts';
import { createSingleFlight, orAborted } from '../single-flight.ts';
import { type Audiences, checkAudience } from './check-audience.ts';
import { type RequestToken, wrongServiceAccount } from './request-token.ts';
import type { Call, ServiceAccountFacts } from './store-identity.ts';
import { tokenBelongsTo } from './token-claims.ts';

export interface TokenIssuer {
  /** Throws AUDIENCE_NOT_ALLOWED, SERVICE_ACCOUNT_NOT_FOUND, IDENTITY_REJECTED or CLUSTER_UNAVAILABLE. */
  issue(wish: TokenWish, call: Call): Promise<SecretValue>;
}

export interface TokenWish {
  readonly serviceAccount: ServiceAccountFacts;
  /** The kind that will receive the token; it decides which audiences are allowed. */
  readonly provider: string;
  readonly audience: string;
}

export interface TokenIssuerOptions {
  readonly requestToken: RequestToken;
  readonly audiences: Audiences;
  /** Milliseconds since the epoch: expirations are dates. */
  readonly now: () => number;
  readonly lifetimeSeconds: number;
  readonly random?: () => number;
}

interface CachedToken {
  readonly token: SecretValue;
  readonly renewAtMs: number;
}

const MAX_TOKENS = 4096; // about 1.5 kB each
const REQUEST_TIMEOUT_MS = 10_000; // the API server only signs; what takes longer is an outage
const RENEW_AT = 0.8; // of the lifetime, so that a receiver always gets a token with some life left
const JITTER = 0.1; // earlier by up to this part, so that tokens issued together are not renewed together

/** One TokenRequest per (ServiceAccount uid, audience), joined and cached. Nothing else in this program asks for tokens. */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { requestToken, audiences, now, lifetimeSeconds, random = Math.random } = options;
  const tokens = new LRUCache<string, CachedToken>({ max: MAX_TOKENS });
  const requests = createSingleFlight<SecretValue>();

  return {
    async issue(wish, call) {
      checkAudience(wish.audience, wish.provider, audiences);

      const { namespace, name, uid } = wish.serviceAccount;
      const key = JSON.stringify([namespace, name, uid, wish.audience]);
      const cached = tokens.get(key);
      if (cached !== undefined && now() < cached.renewAtMs) return cached.token;

      const request = requests.join(key, () => renew(key, wish));
      return orAborted(request, call.signal, () => {
        return new LatchkeyError(
          'CLUSTER_UNAVAILABLE',
          `the API server did not issue a token of ${namespace}/${name} in time`,
        );
      });
    },
  };

  async function renew(key: string, { serviceAccount, audience }: TokenWish): Promise<SecretValue> {
    tokens.delete(key);
    const askedAtMs = now();
    const { token, expiresAt } = await requestToken(
      { serviceAccount, audience, expirationSeconds: lifetimeSeconds },
      { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
    );
    if (!tokenBelongsTo(token, serviceAccount.uid)) throw wrongServiceAccount(serviceAccount);

    const lifetimeMs = expiresAt.getTime() - askedAtMs;
    tokens.set(key, { token, renewAtMs: askedAtMs + lifetimeMs * (RENEW_AT - JITTER * random()) });
    return token;
  }
}
