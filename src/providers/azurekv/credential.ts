import type { SecretClient } from '@azure/keyvault-secrets';
import { LatchkeyError } from '../../errors.ts';
import { foreignTenant } from './errors.ts';
import type { Session } from './entra.ts';
import type { Scene } from './scene.ts';

type TokenCredential = ConstructorParameters<typeof SecretClient>[1];
export type Credential = ReturnType<typeof createCredential>;

const MAX_WAIT_MS = 30_000; // as for every request

export interface CredentialSettings {
  readonly session: Session;
  /** The one thing that its tokens are for. */
  readonly scope: string;
  readonly scene: Scene;
  /** Logs in once more, with what the vault demands of the token. */
  readonly renew: (claims: string, signal: AbortSignal) => Promise<Session>;
}

/**
 * What the SDK takes as a credential: one identity, in one tenant, for one service. The vault says in its challenge what it
 * wants a token of; whatever that is, no other token than the session's own leaves from here.
 */
export function createCredential({ session, scope, scene, renew }: CredentialSettings) {
  let current = session;
  return {
    async getToken(scopes, { tenantId, claims, abortSignal } = {}) {
      if ([scopes].flat().some((asked) => asked !== scope)) {
        throw new LatchkeyError('IDENTITY_REJECTED', `${scene.host} wants a token for another service than Key Vault`, {
          hint: 'Correct spec.provider.azurekv.vaultUrl or environmentType',
        });
      }
      const own = current.reader.tenantId;
      if (tenantId !== undefined && own !== undefined && tenantId !== own) throw foreignTenant(tenantId, scene);
      if (claims !== undefined) current = await renew(claims, toSignal(abortSignal));
      return { token: current.token.exposeText(), expiresOnTimestamp: current.expiresAt.getTime() };
    },
  } satisfies TokenCredential;
}

/** The SDK passes on the signal it was given, under a narrower type. */
export function toSignal(signal: unknown): AbortSignal {
  return signal instanceof AbortSignal ? signal : AbortSignal.timeout(MAX_WAIT_MS);
}
