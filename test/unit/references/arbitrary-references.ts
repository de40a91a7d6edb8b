import * as fc from 'fast-check';
import type { Reference } from '../../../src/references/reference.ts';

const PLAIN_OBJECTS = { noNullPrototype: true };

const storeName = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?(\.[a-z0-9]{1,4})?$/);
const part = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !/\p{Cc}/u.test(text) && /[^/]/.test(text));

/** Any reference that some text could stand for. */
export const arbitraryReference: fc.Arbitrary<Reference> = fc.record(
  {
    store: fc.oneof(
      fc.record({ kind: fc.constantFrom('SecretStore', 'ClusterSecretStore'), name: storeName }, PLAIN_OBJECTS),
      fc.record({ kind: fc.constant('default' as const) }, PLAIN_OBJECTS),
    ),
    key: part,
    decode: fc.constantFrom('none', 'base64', 'base64url', 'auto'),
    optional: fc.boolean(),
    version: part,
    property: part,
    default: fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0')),
  },
  { ...PLAIN_OBJECTS, requiredKeys: ['store', 'key', 'decode', 'optional'] },
);

/** Texts that come near our grammars more often than random ones. */
export function textOf(fragments: readonly string[]): fc.Arbitrary<string> {
  const fragment = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...fragments) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  );
  return fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''));
}
