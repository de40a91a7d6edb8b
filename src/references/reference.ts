/** Which store a reference names. `default` is filled in from annotations or configuration while planning. */
export type StoreName =
  | { readonly kind: 'SecretStore' | 'ClusterSecretStore'; readonly name: string }
  | { readonly kind: 'default' };

export type Decode = 'none' | 'base64' | 'base64url' | 'auto';

/** One place's wish: which store, which remote secret, which part of it. Every dialect parses into this. */
export interface Reference {
  readonly store: StoreName;
  readonly key: string;
  readonly version?: string;
  /** External Secrets' property language. */
  readonly property?: string;
  readonly decode: Decode;
  /** Absent remote secret or property: the variable is unset, or empty inside a longer value. */
  readonly optional: boolean;
  /** Used where the remote secret or property is absent. */
  readonly default?: string;
  /** Asks for the provider's tags or labels instead of the value. ExternalSecrets alone can; it has no text form. */
  readonly metadata?: boolean;
}

/** The value of one Secret key: literal text (escapes undone) and references, in order. */
export type Template = readonly (string | Reference)[];
