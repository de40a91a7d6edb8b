import type { Fields } from '../fields.ts';
import type { IdentityNeed } from '../providers/provider.ts';
import type { Store } from './store.ts';

/**
 * What a store's block names in namespaces where it must not: a SecretStore stays in its own, and who asks a
 * ClusterSecretStore must not choose the CA that it trusts.
 */
export function checkSelectors(
  { kind, namespace }: Pick<Store, 'kind' | 'namespace'>,
  { serviceAccount, credentials, caBundles }: IdentityNeed,
  block: Fields,
): void {
  if (kind === 'ClusterSecretStore') {
    for (const bundle of caBundles) {
      if (bundle.namespace !== undefined) continue;
      block.problem('', `the CA bundle in ${bundle.kind} "${bundle.name}" needs a namespace in a ClusterSecretStore`);
    }
    return;
  }

  const accounts = serviceAccount === undefined ? [] : [{ kind: 'ServiceAccount', ...serviceAccount }];
  for (const named of [...accounts, ...credentials, ...caBundles]) {
    if (named.namespace === undefined || named.namespace === namespace) continue;
    block.problem('', `the namespace of ${named.kind} "${named.name}" must be left out, or be the SecretStore's own`);
  }
}
