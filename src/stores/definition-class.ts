import { type ClaimSettings, isClaimed } from './is-claimed.ts';
import type { NamedStore } from './named-stores.ts';
import type { Store, StoreIndex } from './store.ts';

/**
 * Whose work what is read from stores is. `unknown`: it depends on stores that do not exist yet, and those without a class
 * are somebody else's.
 */
export type DefinitionClass = 'ours' | 'foreign' | 'unknown';

/** By the stores that a definition names: one of another controller class makes all of it another controller's, as with External Secrets. */
export function classOfDefinition(
  named: readonly NamedStore[],
  namespace: string,
  stores: Pick<StoreIndex, 'get'>,
  settings: ClaimSettings,
): DefinitionClass {
  const found = named.map(({ kind, name }) => stores.get(kind, namespace, name));
  if (found.some((store) => isForeign(store, settings))) return 'foreign';
  if (settings.claimUnclassed) return 'ours';
  return named.length === 0 || found.includes(undefined) ? 'unknown' : 'ours';
}

function isForeign(store: Store | undefined, settings: ClaimSettings): boolean {
  return store !== undefined && !isClaimed(store, settings);
}
