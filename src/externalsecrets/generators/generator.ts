import type { Fields } from '../../fields.ts';
import type { Call } from '../../identity/store-identity.ts';
import type { Content } from '../content.ts';

/** One kind of `generators.external-secrets.io`. */
export interface Generator {
  readonly kind: string;
  /** Makes values of a generator's `spec`, and notes every mistake on it. Throws what its own calls throw. */
  generate(spec: Fields, namespace: string, call: Call): Promise<Content> | Content;
}
