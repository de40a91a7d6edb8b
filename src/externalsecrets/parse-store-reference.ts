import type { Fields } from '../fields.ts';
import type { StoreReference } from './definition.ts';

const STORE_KINDS = ['SecretStore', 'ClusterSecretStore'] as const;

/** The store that `field` names, or `undefined` where it names none. */
export function parseStoreReference(fields: Fields | undefined, field: string): StoreReference | undefined {
  const reference = fields?.object(field);
  // Charts render an empty block where every entry brings its own store.
  if (reference === undefined || !(reference.has('name') || reference.has('kind'))) return undefined;
  const name = reference.text('name', { example: 'aws-prod' });
  return { kind: reference.oneOf('kind', STORE_KINDS, 'SecretStore'), name };
}

/** The entry's own store, else the definition's; where there is neither, that is the entry's mistake. */
export function requireStore(
  entry: Fields,
  own: StoreReference | undefined,
  shared: StoreReference | undefined,
): StoreReference {
  const store = own ?? shared;
  if (store === undefined) entry.problem('', 'names no store; set spec.secretStoreRef, or sourceRef.storeRef here');
  return store ?? { kind: 'SecretStore', name: '' };
}
