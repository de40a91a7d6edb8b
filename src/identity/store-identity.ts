import type { SecretValue } from '../secret-value.ts';

/** What every call that leaves the process carries: it aborts when the admission deadline passes. */
export interface Call {
  readonly signal: AbortSignal;
}

/** A ServiceAccount as the index knows it. */
export interface ServiceAccountFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One key of one Secret or ConfigMap in the cluster that a store names: a credential or a CA bundle. */
export interface SecretKeySelector {
  readonly kind: 'Secret' | 'ConfigMap';
  /** Empty in the manifest of a ClusterSecretStore means: of the namespace that asks. */
  readonly namespace?: string;
  readonly name: string;
  readonly key: string;
  /** One that the object must carry: by it its owner agreed to what it is used for. */
  readonly label?: readonly [name: string, value: string];
}

/** As whom a store is read, for one Pod or one ServiceAccount. */
export interface StoreIdentity {
  /** Distinguishes identities in caches: nothing fetched under one key is ever served under another. Holds no secret. */
  readonly key: string;
  /** Absent for stores that are read with credentials or with none. */
  readonly serviceAccount?: ServiceAccountFacts;
  /** Throws AUDIENCE_NOT_ALLOWED, IDENTITY_REJECTED or CLUSTER_UNAVAILABLE. */
  token(audience: string, call: Call): Promise<SecretValue>;
  /** Throws STORE_CREDENTIAL_UNREADABLE or CLUSTER_UNAVAILABLE. */
  credential(selector: SecretKeySelector, call: Call): Promise<SecretValue>;
}
