import type { Store } from './store.ts';

/**
 * Whether references in Pods of the namespace may use the store. A ClusterSecretStore that is read with an identity or with
 * credentials of another namespace was made for ExternalSecret authors; only its owner opens it to every Pod author
 * (`latchkey.dev/pods: allowed`). CA bundles are public and count for nothing here.
 */
export function isOpenToPods(store: Store, podNamespace: string): boolean {
  if (store.kind === 'SecretStore' || store.podsAllowed) return true;
  if (store.configured === undefined) return false;

  const { who, serviceAccount, credentials } = store.configured.needs;
  // Credentials that no store names are those of Latchkey's own node.
  if (who === 'credentials' && credentials.length === 0) return false;
  const named = who === 'serviceAccount' ? [serviceAccount, ...credentials] : credentials;
  return named.every((item) => item?.namespace === undefined || item.namespace === podNamespace);
}
