import { type ClaimSettings, isClaimed } from './is-claimed.ts';
import type { NamedStore } from './named-stores.ts';
import type { Store, StoreIndex } from './store.ts';

/**
 * Whose work what is read from stores is. `unknown`: it depends on stores that do not exist yet, and those without a class
 * are somebody else's.
 */
export type DefinitionClass = 'ours' | 'foreign' | 'unknown';

/** What a definition's stores say of it. */
export interface ClassifiedStores {
  readonly whose: DefinitionClass;
  readonly found: readonly Store[];
  readonly missing: readonly NamedStore[];
  /** One of them names no identity, so that there is nobody but a Pod to read it as. */
  readonly areReadByPods: boolean;
}

/** By the stores that a definition names: one of another controller class makes all of it another controller's, as with External Secrets. */
export function classifyStores(
  named: readonly NamedStore[],
  namespace: string,
  stores: Pick<StoreIndex, 'get'>,
  settings: ClaimSettings,
): ClassifiedStores {
  const looked = named.map((reference) => ({
    reference,
    store: stores.get(reference.kind, namespace, reference.name),
  }));
  const found = looked.flatMap(({ store }) => store ?? []);
  const missing = looked.flatMap(({ reference, store }) => (store === undefined ? [reference] : []));
  return {
    whose: classOf(found, missing, settings),
    found,
    missing,
    areReadByPods: found.some(({ configured }) => configured?.needs.who === 'pod'),
  };
}

export function classOfDefinition(...args: Parameters<typeof classifyStores>): DefinitionClass {
  return classifyStores(...args).whose;
}

function classOf(found: readonly Store[], missing: readonly NamedStore[], settings: ClaimSettings): DefinitionClass {
  if (!found.every((store) => isClaimed(store, settings))) return 'foreign';
  if (settings.claimUnclassed) return 'ours';
  return found.length === 0 || missing.length > 0 ? 'unknown' : 'ours';
}
