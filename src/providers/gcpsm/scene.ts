import type { Reader } from './login.ts';

/** Who reads what of which project: what messages name. Holds no secret. */
export interface Scene {
  readonly project: string;
  readonly location: string | undefined;
  readonly reader: Reader;
}

/** A request to Secret Manager. */
export type Step =
  | { readonly kind: 'value'; readonly key: string; readonly version: string }
  | { readonly kind: 'metadata' | 'versions'; readonly key: string }
  | { readonly kind: 'list' };
