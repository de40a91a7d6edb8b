import { isMapping } from '../fields.ts';
import type { StoreKind } from './store.ts';

export interface NamedStore {
  readonly kind: StoreKind;
  readonly name: string;
}

/** Every store that an ExternalSecret's spec names, as far as it can be read, each once. */
export function namedStores(spec: unknown): readonly NamedStore[] {
  if (!isMapping(spec)) return [];
  const sources = [spec['data'], spec['dataFrom']].flatMap(listOf).map(({ sourceRef }) => sourceRef);
  const references = [spec['secretStoreRef'], ...sources.filter(isMapping).map(({ storeRef }) => storeRef)];
  const named = references.filter(isMapping).flatMap(readReference);
  return [...new Map(named.map((store) => [`${store.kind}/${store.name}`, store])).values()];
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}

function readReference({ kind, name }: Readonly<Record<string, unknown>>): readonly NamedStore[] {
  if (typeof name !== 'string' || name === '') return [];
  return [{ kind: kind === 'ClusterSecretStore' ? 'ClusterSecretStore' : 'SecretStore', name }];
}
