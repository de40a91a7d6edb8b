import { LatchkeyError } from '../errors.ts';
import type { ConfiguredStore, RemoteRef, StoreIdentity } from '../providers/provider.ts';
import type { Store } from '../stores/store.ts';

/** One store read as one identity: the unit that shares clients, values, batches and what is known of failures. */
export interface Session {
  /** Equal for equal (store, generation, identity) and for nothing else: every cache key starts with it. */
  readonly scope: string;
  /** The store whatever its generation, for what all its identities share. */
  readonly storeId: string;
  readonly generation: number;
  readonly provider: string;
  /** For messages: `store "aws-prod"`. */
  readonly title: string;
  readonly configured: ConfiguredStore;
  readonly identity: StoreIdentity;
}

export function createSession(store: Store, identity: StoreIdentity): Session {
  const title = `store "${store.name}"`;
  if (store.configured === undefined) {
    throw new LatchkeyError('STORE_INVALID', `${title} has mistakes`, { hint: 'Correct the store' });
  }
  const storeId = JSON.stringify([store.kind, store.namespace, store.name, store.uid]);
  return {
    scope: JSON.stringify([storeId, store.generation, identity.key]),
    storeId,
    generation: store.generation,
    provider: store.provider,
    title,
    configured: store.configured,
    identity,
  };
}

/** Under which a remote secret is cached. JSON escapes line breaks, so a scope is never the prefix of another's key. */
export function valueKey(session: Session, { key, version, metadata, property }: RemoteRef): string {
  return `${scopePrefix(session)}${JSON.stringify([key, version, metadata, property])}`;
}

export function scopePrefix({ scope }: Session): string {
  return `${scope}\n`;
}
