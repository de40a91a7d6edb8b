import type { Definition, StoreReference } from './definition.ts';

/** Every store that a definition names, each once, in the order in which it names them. */
export function storesOf({ spec: { data, dataFrom } }: Pick<Definition, 'spec'>): readonly StoreReference[] {
  const named = [...data, ...dataFrom].flatMap((entry) => ('store' in entry ? [entry.store] : []));
  const known = named.filter(({ name }) => name !== '');
  return [...new Map(known.map((store) => [`${store.kind}/${store.name}`, store])).values()];
}
