import type { StoreKind } from '../stores/store.ts';

/** What planning knows of an ExternalSecret. */
export interface DefinitionFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Hash of all that decides its content (spec, and the metadata that is copied): part of the name of a Pod's own copy. */
  readonly digest: string;
  /** Every store it reads. */
  readonly stores: readonly { readonly kind: StoreKind; readonly name: string }[];
  /** The Secret it makes; absent with `creationPolicy: None`. */
  readonly target: string | undefined;
  /** The Secret's type. */
  readonly type: string;
  /** What is wrong with it, with paths; it cannot be carried out then. */
  readonly problems: readonly string[];
}

/** ExternalSecrets by name and by target, fed by a watch or by manifests. */
export interface DefinitionIndex {
  get(namespace: string, name: string): DefinitionFacts | undefined;
  /** The definition whose target is the Secret; of several the one that was created first. */
  making(namespace: string, secretName: string): DefinitionFacts | undefined;
  /** For "did you mean". */
  names(namespace: string): readonly string[];
}
