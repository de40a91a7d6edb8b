import type { LatchkeyError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type { Call, SecretKeySelector, ServiceAccountFacts, StoreIdentity } from '../identity/store-identity.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Grant, GrantReader } from './grant.ts';

export type { Call, SecretKeySelector, ServiceAccountFacts, StoreIdentity } from '../identity/store-identity.ts';

/** One kind of backend. */
export interface Provider {
  /** The key under `spec.provider` in a SecretStore. */
  readonly name: string;
  /** Reads the block, reports every bad field on it with its path, and does no I/O. Never throws. */
  configure(block: Fields, limits: ProviderLimits): ConfiguredStore;
  /** Loads what a first `connect` would load (the SDK comes with a lazy `import()`); awaited before readiness. */
  warm?(): Promise<void>;
}

/** What the operator's configuration says about one provider kind (`identity.audiences`, `identity.endpoints` and so on). */
export interface ProviderLimits {
  /** Token audiences this kind may ask for; the first is the default. */
  readonly audiences: readonly string[];
  /** Hosts (`vault.example.com`, `*.example.com`) that tokens may be sent to; empty means any, for a cloud its own. */
  readonly endpoints: readonly string[];
  /** Where the operator moved services of a cloud (private endpoints), by the service's name; others are where the cloud has them. */
  readonly endpointUrls?: Readonly<Record<string, string>>;
  readonly maxResponseBytes: number;
}

/** A store whose block was read. */
export interface ConfiguredStore {
  readonly needs: IdentityNeed;
  /** How `property` is looked up in a value (External Secrets differs by provider). */
  readonly property: PropertyRule;
  /** Logs in. Throws IDENTITY_REJECTED, ACCESS_DENIED, STORE_CREDENTIAL_UNREADABLE, STORE_INVALID or a transient code. */
  connect(identity: StoreIdentity, call: Call): Promise<SecretsClient>;
  /**
   * The least that must be granted at the provider so that the reader gets what is asked for; `needs.check` passed before.
   * Pure. Throws REF_INVALID where a reference names nothing that the provider could hold. Absent where nothing is granted.
   */
  grants?(asked: Asked, reader: GrantReader): readonly Grant[];
}

/** What somebody wants from a store. */
export interface Asked {
  readonly refs: readonly RemoteRef[];
  readonly finds: readonly FindQuery[];
}

/** Whose identity a store is read with, and what must exist for it. All that a plan can check without I/O. */
export interface IdentityNeed {
  /**
   * `pod`: no identity named, so the Pod's own ServiceAccount. `serviceAccount`: the one the store names.
   * `credentials`: the store's own keys. `none`: nothing is presented (fake, a Vault proxy).
   */
  readonly who: 'pod' | 'serviceAccount' | 'credentials' | 'none';
  /** With `serviceAccount`: its name, and the namespace where the store names one. */
  readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
  /** Audiences that `connect` will ask tokens for; none where it asks for no token. */
  readonly audiences: readonly string[];
  /** Credentials that `connect` will read by name. */
  readonly credentials: readonly SecretKeySelector[];
  /** CA bundles that `connect` will read by name; public, so they open or close a store to nobody. */
  readonly caBundles: readonly SecretKeySelector[];
  /** What the cloud's side needs on the ServiceAccount (a role annotation, …); a problem says what is missing. */
  check?(serviceAccount: ServiceAccountFacts): LatchkeyError | undefined;
}

/**
 * - `literal-first`: a name with a dot is tried as one literal key, then as a gjson path (aws, gcpsm)
 * - `path-first`: the other way round (azurekv)
 * - `vault`: literal top-level key, then path; values convert as Vault's do
 * - `path`: path only; a missing property counts as a missing secret (fake)
 * - `data-key`: literal data key, then `KEY.path` inside it (kubernetes)
 * - `provider`: the provider is asked for it, and what it answers is not cut (a webhook whose templates name it)
 */
export type PropertyRule = 'literal-first' | 'path-first' | 'vault' | 'path' | 'data-key' | 'provider';

/** Names one remote secret. Cutting a property out of it is the resolver's work. */
export interface RemoteRef {
  readonly key: string;
  readonly version?: string;
  /** Only where the store's PropertyRule is `provider`. */
  readonly property?: string;
  /** Reads the provider's metadata (tags, labels) instead of the value. */
  readonly metadata?: boolean;
}

export interface Fetched {
  readonly value: SecretValue;
  readonly version?: string;
  readonly expiresAt?: Date;
}

/** One item's outcome inside a batch. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: LatchkeyError };

/** A session of a provider for one store and one identity. Kept until `expiresAt`. */
export interface SecretsClient {
  readonly expiresAt?: Date;
  /**
   * Throws SECRET_NOT_FOUND, ACCESS_DENIED, IDENTITY_REJECTED, REF_INVALID, VALUE_TOO_LARGE, a transient code, or
   * STORE_INVALID for what only the backend can tell (nothing mounted there); nothing else.
   */
  read(ref: RemoteRef, call: Call): Promise<Fetched>;
  readonly batch?: Batch;
  find?(query: FindQuery, call: Call): Promise<readonly Found[]>;
  /** How a value becomes a map where the provider deviates from plain JSON objects. */
  toMap?(value: SecretValue): ReadonlyMap<string, SecretValue>;
  /** Proves that the identity is accepted, for the store's Ready condition. */
  validate?(call: Call): Promise<void>;
  /** Revokes what was leased. */
  close?(): Promise<void>;
}

export interface Batch {
  /** Most references in one call. */
  readonly max: number;
  accepts(ref: RemoteRef): boolean;
  /** One outcome each, in order. Throws only when the call as a whole failed; ACCESS_DENIED falls back to single reads. */
  read(refs: readonly RemoteRef[], call: Call): Promise<readonly Outcome<Fetched>[]>;
}

export interface FindQuery {
  readonly path?: string;
  readonly name?: { readonly regexp: string };
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Found {
  readonly key: string;
  readonly value: SecretValue;
}
