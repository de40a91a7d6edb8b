import type { ConfiguredStore } from '../providers/provider.ts';

export type StoreKind = 'SecretStore' | 'ClusterSecretStore';

/** A SecretStore or ClusterSecretStore that was read from the cluster or from a file. */
export interface Store {
  readonly kind: StoreKind;
  readonly name: string;
  /** Absent for a ClusterSecretStore. */
  readonly namespace?: string;
  readonly uid: string;
  readonly generation: number;
  /** The served version it was read as, `external-secrets.io/v1` for example. */
  readonly apiVersion: string;
  /** `spec.controller`; empty where none is named. */
  readonly controller: string;
  /** The key under `spec.provider`; empty where there is none or several. */
  readonly provider: string;
  /** `spec.refreshInterval`: how often the store's owner wants it validated again. */
  readonly refreshIntervalMs?: number;
  /** Absent where the manifest has problems. */
  readonly configured?: ConfiguredStore;
  /** What is wrong with the manifest, each with its path. */
  readonly problems: readonly string[];
  /** `latchkey.dev/pods: allowed`. */
  readonly podsAllowed: boolean;
  /** `spec.conditions` of a ClusterSecretStore: undefined when open to all namespaces. */
  allowsNamespace(namespace: NamespaceFacts): boolean;
}

export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Being deleted: nothing new can be created in it. */
  readonly isTerminating?: boolean;
}

/** Stores by name, fed by watches or by manifests. */
export interface StoreIndex {
  /** `namespace` is that of the Pod; ignored for a ClusterSecretStore. */
  get(kind: StoreKind, namespace: string, name: string): Store | undefined;
  /** All names a Pod in the namespace could use, for "did you mean". */
  names(kind: StoreKind, namespace: string): readonly string[];
}
