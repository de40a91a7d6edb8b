import { goHash } from './go-hash.ts';

/** What stands in the label `reconcile.external-secrets.io/created-by` of a Secret that the ExternalSecret owns. */
export function createdBy(namespace: string, name: string): string {
  return goHash(`${namespace}/${name}`);
}
