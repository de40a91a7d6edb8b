import type { StoreCredentials } from '../identity/store-credentials.ts';
import type { Call } from '../identity/store-identity.ts';
import type { SecretValue } from '../secret-value.ts';

/** ConfigMaps and Secrets that templates come from, read by name in the definition's own namespace. */
export interface TemplateSources {
  /** Throws STORE_CREDENTIAL_UNREADABLE or CLUSTER_UNAVAILABLE. */
  read(kind: 'ConfigMap' | 'Secret', namespace: string, name: string, key: string, call: Call): Promise<SecretValue>;
}

/** Many definitions share a ConfigMap; whoever edits it and syncs again expects the new text. */
const MAX_AGE_MS = 1000;

export function createTemplateSources(objects: StoreCredentials): TemplateSources {
  return {
    read: (kind, namespace, name, key, call) =>
      objects.read({ kind, namespace, name, key, namedBy: 'the template', maxAgeMs: MAX_AGE_MS }, call),
  };
}
