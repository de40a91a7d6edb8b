import { LatchkeyError } from '../errors.ts';
import type { Asker } from '../identity/store-identity-factory.ts';
import type { Call } from '../identity/store-identity.ts';
import type { Outcome } from '../providers/provider.ts';
import type { Reference } from '../references/reference.ts';
import type { ResolveRequest, Resolver } from '../resolve/resolver.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import { convertKeys, isConvertedByProvider } from './convert-keys.ts';
import type { DataEntry, DataFromEntry, Definition, RemoteReference, StoreReference } from './definition.ts';
import type { FindStore } from './find-store.ts';
import type { GeneratorRunner } from './generators/run-generator.ts';
import { toFindQuery } from './reads-of.ts';

/** What the entries of one definition bring, before anything is done to keys and values. */
export interface FetchedEntries {
  readonly dataFrom: readonly Outcome<Content>[];
  readonly data: readonly Outcome<SecretValue>[];
}

export interface FetchOptions {
  readonly resolver: Pick<Resolver, 'resolve' | 'resolveMap' | 'find'>;
  readonly findStore: FindStore;
  readonly generators: GeneratorRunner;
}

/** Asks for everything that a definition names at once, so that reads of one store form batches. Never throws. */
export async function fetchEntries(
  { spec, namespace }: Definition,
  asker: Asker,
  call: Call,
  options: FetchOptions,
): Promise<FetchedEntries> {
  const { resolver, findStore, generators } = options;
  const [data, dataFrom] = await Promise.all([fetchData(), Promise.all(spec.dataFrom.map(fetchMany))]);
  return { data, dataFrom };

  async function fetchData(): Promise<readonly Outcome<SecretValue>[]> {
    const requests = spec.data.map((entry) => attempt(() => toRequest(entry)));
    const sent = requests.flatMap((request) => (request.ok ? [request.value] : []));
    const answers = (await resolver.resolve(sent, asker, call)).values();
    return requests.map((request): Outcome<SecretValue> => {
      const answer = request.ok ? (answers.next().value ?? unanswered()) : request;
      if (!answer.ok) return answer;
      return answer.value.absent ? unanswered() : { ok: true, value: answer.value.value };
    });
  }

  async function fetchMany(entry: DataFromEntry): Promise<Outcome<Content>> {
    if (entry.kind === 'generator') {
      return settle(async () => ({ ok: true, value: await generators.run(entry.generator, namespace, call) }));
    }
    const store = attempt(() => findStore(entry.store, namespace));
    if (!store.ok) return store;
    if (entry.kind === 'extract') {
      return resolver.resolveMap(
        { store: store.value, reference: toReference(entry.remoteRef, entry.store) },
        asker,
        call,
      );
    }
    const outcome = await resolver.find({ store: store.value, query: toFindQuery(entry.find) }, asker, call);
    if (!outcome.ok) return outcome;
    const found: Content = new Map(outcome.value.map(({ key, value }) => [key, value]));
    return isConvertedByProvider(store.value.provider)
      ? attempt(() => convertKeys(found, entry.find.conversion))
      : { ok: true, value: found };
  }

  function toRequest({ remoteRef, store }: DataEntry): ResolveRequest {
    return { store: findStore(store, namespace), reference: toReference(remoteRef, store) };
  }
}

/** Values are decoded later, where their keys are final. */
function toReference({ key, property, version, metadata }: RemoteReference, store: StoreReference): Reference {
  return {
    store,
    key,
    decode: 'none',
    optional: false,
    ...(property !== undefined && { property }),
    ...(version !== undefined && { version }),
    ...(metadata && { metadata }),
  };
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, value: work() };
  } catch (thrown) {
    return { ok: false, error: LatchkeyError.from(thrown) };
  }
}

async function settle<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (thrown) {
    return { ok: false, error: LatchkeyError.from(thrown) };
  }
}

/** A resolver answers every request, and nothing here is optional. */
function unanswered(): { readonly ok: false; readonly error: LatchkeyError } {
  return { ok: false, error: LatchkeyError.from(undefined) };
}
