import type { Definition, StoreReference } from '../../externalsecrets/definition.ts';
import { type ClaimSettings, isClaimed } from '../../stores/is-claimed.ts';
import type { Store, StoreIndex } from '../../stores/store.ts';

/** Whether an ExternalSecret is ours to sync. Objects of another controller are left alone, their status too. */
export type DefinitionClaim =
  | { readonly isOurs: false }
  | { readonly isOurs: true; readonly stores: readonly Store[]; readonly missing: readonly StoreReference[] };

/** All its stores must be ours. Of those that do not exist, and where it names none, nobody says whose they are. */
export function claimDefinition(
  definition: Definition,
  stores: Pick<StoreIndex, 'get'>,
  settings: ClaimSettings,
): DefinitionClaim {
  const named = storesOf(definition).map((reference) => ({
    reference,
    store: stores.get(reference.kind, definition.namespace, reference.name),
  }));
  const found = named.flatMap(({ store }) => store ?? []);
  const missing = named.flatMap(({ reference, store }) => (store === undefined ? [reference] : []));
  const isUnclaimed = missing.length > 0 || found.length === 0;
  if (isUnclaimed && !settings.claimUnclassed) return { isOurs: false };
  return found.every((store) => isClaimed(store, settings))
    ? { isOurs: true, stores: found, missing }
    : { isOurs: false };
}

/** Each once, in the order in which the definition names them. */
export function storesOf({ spec }: Pick<Definition, 'spec'>): readonly StoreReference[] {
  const fromEntries = spec.dataFrom.flatMap((entry) => (entry.kind === 'generator' ? [] : [entry.store]));
  const all = [...spec.data.map(({ store }) => store), ...fromEntries];
  return [...new Map(all.map((store) => [`${store.kind}/${store.name}`, store])).values()];
}
