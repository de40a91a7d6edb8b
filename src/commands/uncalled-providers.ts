import type { Definition } from '../externalsecrets/definition.ts';
import type { RecordedSecret } from '../planning/plan-annotation.ts';
import type { StoreKind } from '../stores/store.ts';
import type { Offline } from './offline.ts';
import { referencesOf } from './plan-offline.ts';

/** Only this one answers without a network and an identity. */
const CALLED = 'fake';
/** Generators that make everything up themselves. */
const LOCAL_GENERATORS: readonly string[] = ['Password', 'UUID', 'Fake'];

/** Kinds of providers that planned Secrets are read from and that no offline command calls. */
export function uncalledProviders(
  planned: readonly RecordedSecret[],
  namespace: string,
  offline: Pick<Offline, 'stores' | 'definitions'>,
): readonly string[] {
  const names = planned.flatMap((secret) => {
    if (secret.definition === undefined) {
      return referencesOf(secret).map(({ store }) => providerOf(store.kind, 'name' in store ? store.name : ''));
    }
    const definition = offline.definitions.definition(namespace, secret.definition.externalSecret);
    return definition === undefined ? [] : uncalledByDefinition(definition, offline);
  });
  return distinct(names);

  function providerOf(kind: StoreKind | 'default', name: string): string {
    return kind === 'default' ? '' : (offline.stores.get(kind, namespace, name)?.provider ?? '');
  }
}

/** The same of one ExternalSecret. */
export function uncalledByDefinition(
  { namespace, spec }: Definition,
  { stores }: Pick<Offline, 'stores'>,
): readonly string[] {
  const names = [...spec.data, ...spec.dataFrom].map((entry) => {
    if ('store' in entry) return stores.get(entry.store.kind, namespace, entry.store.name)?.provider ?? CALLED;
    return LOCAL_GENERATORS.includes(entry.generator.kind) ? CALLED : `generator ${entry.generator.kind}`;
  });
  return distinct(names);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== CALLED).toSorted();
}
