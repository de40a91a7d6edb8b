import type { Asker } from '../identity/store-identity-factory.ts';
import type { Call } from '../identity/store-identity.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Definition } from './definition.ts';

/** What a definition comes to: the content of its Secret, before anything is written. */
export interface Produced {
  /** After templates: the keys that the Secret gets from this definition. */
  readonly data: ReadonlyMap<string, SecretValue>;
  /** `template.type`; absent where the definition names none. */
  readonly type: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  /** Nothing was found at the provider at all: `deletionPolicy` decides what becomes of the Secret. */
  readonly isEmpty: boolean;
  /** Remote secrets that do not exist and were tolerated by `deletionPolicy`, for the event MissingProviderSecret. */
  readonly missing: readonly string[];
}

/**
 * Reads everything the definition names as the asker and puts it together in External Secrets' order of evaluation. Throws
 * LatchkeyError whose `where` is the place in the definition (`spec.data[2], key "db"`); several failures are one error of
 * the first, whose message counts the others.
 */
export type Produce = (definition: Definition, asker: Asker, call: Call) => Promise<Produced>;
