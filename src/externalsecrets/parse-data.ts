import type { Fields } from '../fields.ts';
import type { DataEntry, StoreReference } from './definition.ts';
import { NO_REMOTE_REF, parseRemoteRef } from './parse-remote-ref.ts';
import type { Warn } from './parse-spec.ts';
import { parseStoreReference, requireStore } from './parse-store-reference.ts';

const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** One entry of `spec.data`. */
export function parseData(entry: Fields, shared: StoreReference | undefined, warn: Warn): DataEntry {
  const remoteRef = entry.object('remoteRef');
  if (remoteRef === undefined) entry.problem('remoteRef', 'is required');
  else if (remoteRef.has('conversionStrategy')) {
    warn({ path: `${remoteRef.path}.conversionStrategy`, message: 'has no effect on a single value' });
  }
  const source = entry.object('sourceRef');
  // External Secrets' schema has the field, and its controller passes it over.
  if (source?.has('generatorRef')) source.problem('generatorRef', 'works in dataFrom only');
  return {
    secretKey: entry.text('secretKey', { pattern: SECRET_KEY, example: 'password' }),
    remoteRef: remoteRef === undefined ? NO_REMOTE_REF : parseRemoteRef(remoteRef),
    store: requireStore(entry, parseStoreReference(source, 'storeRef'), shared),
  };
}
