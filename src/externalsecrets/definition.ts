import type { StoreKind } from '../stores/store.ts';
import type { Decode } from '../references/reference.ts';

export type CreationPolicy = 'Owner' | 'Orphan' | 'Merge' | 'CreateOrMerge' | 'None';
export type DeletionPolicy = 'Retain' | 'Delete' | 'Merge';
export type RefreshPolicy = 'Periodic' | 'CreatedOnce' | 'OnChange';
export type KeyConversion = 'Default' | 'Unicode';

/** An ExternalSecret as it was read, `v1` or `v1beta1`. */
export interface Definition {
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: DefinitionSpec;
  readonly status: DefinitionStatus;
  /** It is being deleted and waits for these. */
  readonly heldBy?: readonly string[] | undefined;
  /** What is wrong, each with its path, in External Secrets' words where it has them. Such a definition is not carried out. */
  readonly problems: readonly string[];
  /** Unknown fields, fields without effect, fields of `v1beta1` without successor. */
  readonly warnings: readonly string[];
}

export interface DefinitionSpec {
  readonly refreshPolicy: RefreshPolicy;
  /** 0: once. */
  readonly refreshIntervalMs: number;
  readonly syncWindows: SyncWindows | undefined;
  readonly target: TargetSpec;
  readonly data: readonly DataEntry[];
  readonly dataFrom: readonly DataFromEntry[];
}

export interface StoreReference {
  readonly kind: StoreKind;
  readonly name: string;
}

export interface DataEntry {
  readonly secretKey: string;
  readonly remoteRef: RemoteReference;
  /** Its own, else the definition's. */
  readonly store: StoreReference;
}

export interface RemoteReference {
  readonly key: string;
  readonly property: string | undefined;
  readonly version: string | undefined;
  /** `metadataPolicy: Fetch` */
  readonly metadata: boolean;
  readonly decode: Decode;
  readonly conversion: KeyConversion;
  /** `nullBytePolicy: Fail` */
  readonly refusesNullBytes: boolean;
}

export type DataFromEntry =
  | {
      readonly kind: 'extract';
      readonly remoteRef: RemoteReference;
      readonly store: StoreReference;
      readonly rewrite: readonly Rewrite[];
    }
  | {
      readonly kind: 'find';
      readonly find: FindReference;
      readonly store: StoreReference;
      readonly rewrite: readonly Rewrite[];
    }
  | { readonly kind: 'generator'; readonly generator: GeneratorReference; readonly rewrite: readonly Rewrite[] };

export interface FindReference {
  readonly path: string | undefined;
  readonly regexp: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly decode: Decode;
  readonly conversion: KeyConversion;
  readonly refusesNullBytes: boolean;
}

/** A generator of `generators.external-secrets.io`, in the definition's namespace. */
export interface GeneratorReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export type Rewrite =
  | { readonly kind: 'regexp'; readonly source: string; readonly target: string }
  | { readonly kind: 'transform'; readonly template: string }
  | {
      readonly kind: 'merge';
      readonly strategy: 'Extract' | 'JSON';
      readonly into: string;
      readonly conflictPolicy: 'Error' | 'Ignore';
      readonly priority: readonly string[];
      readonly priorityPolicy: 'Strict' | 'IgnoreNotFound';
    };

/** When periodic refresh may happen, in UTC. */
export interface SyncWindows {
  readonly kind: 'allow' | 'deny';
  readonly windows: readonly { readonly schedule: string; readonly durationMs: number }[];
}

export interface TargetSpec {
  /** Of the Secret; the definition's own name where it says none. */
  readonly name: string;
  readonly creationPolicy: CreationPolicy;
  readonly deletionPolicy: DeletionPolicy;
  readonly immutable: boolean;
  readonly template: TemplateSpec | undefined;
}

export interface TemplateSpec {
  readonly type: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly mergePolicy: 'Replace' | 'Merge';
  /** Key to template text. */
  readonly data: Readonly<Record<string, string>>;
  readonly from: readonly TemplateFrom[];
}

export interface TemplateFrom {
  readonly configMap: TemplateObject | undefined;
  readonly secret: TemplateObject | undefined;
  readonly literal: string | undefined;
  readonly target: 'Data' | 'Annotations' | 'Labels';
  readonly decodeValues: Decode;
}

export interface TemplateObject {
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly as: 'Values' | 'KeysAndValues' }[];
}

/** What the last sync left in `status`; whoever did it. */
export interface DefinitionStatus {
  /** `<generation>-<hash of labels and annotations>` of the last success; empty before. */
  readonly syncedResourceVersion: string;
  readonly refreshTime: Date | undefined;
  readonly ready: ReadyStatus | undefined;
  /** `binding.name`: the Secret of the last success. */
  readonly binding?: string | undefined;
}

/** The condition `Ready`. */
export interface ReadyStatus {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** `lastTransitionTime` as it stands there. */
  readonly since?: string | undefined;
}
