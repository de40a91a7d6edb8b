import type { FindQuery, RemoteRef } from '../providers/provider.ts';
import type { StoreName } from '../references/reference.ts';
import type { Definition, FindReference } from './definition.ts';

/** One thing that a store is asked for. */
export type Read =
  | { readonly store: StoreName; readonly ref: RemoteRef }
  | { readonly store: StoreName; readonly find: FindQuery };

/** All that a definition reads from stores, in its order; what generators make is read from none. */
export function readsOf({ spec: { data, dataFrom } }: Pick<Definition, 'spec'>): readonly Read[] {
  return [...data, ...dataFrom].flatMap((entry): readonly Read[] => {
    if ('find' in entry) return [{ store: entry.store, find: toFindQuery(entry.find) }];
    if (!('remoteRef' in entry)) return [];
    const { key, version, metadata } = entry.remoteRef;
    const ref = { key, ...(version !== undefined && { version }), ...(metadata && { metadata }) };
    return [{ store: entry.store, ref }];
  });
}

/** As providers are asked. */
export function toFindQuery({ path, regexp, tags }: FindReference): FindQuery {
  return {
    ...(path !== undefined && { path }),
    ...(regexp !== undefined && { name: { regexp } }),
    ...(Object.keys(tags).length > 0 && { tags }),
  };
}
