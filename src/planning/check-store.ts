import { didYouMean } from '../did-you-mean.ts';
import { LatchkeyError } from '../errors.ts';
import type { ServiceAccountFacts } from '../identity/store-identity.ts';
import type { Reference, StoreName, Template } from '../references/reference.ts';
import { isOpenToPods } from '../stores/open-to-pods.ts';
import type { NamespaceFacts, Store, StoreIndex } from '../stores/store.ts';
import type { RecordedSecret } from './plan-annotation.ts';

export interface StoreContext {
  readonly namespace: NamespaceFacts;
  readonly serviceAccount: ServiceAccountFacts;
  readonly stores: StoreIndex;
  /** Stores of other controller classes are not ours to read through. */
  readonly controllerClass: string;
  readonly defaultStore: StoreName | undefined;
  /** Who names the stores, for hints; a reference unless told. */
  readonly askedBy?: 'reference' | 'definition';
}

/** What finding a store takes, whoever asks. */
export type NamedStoreContext = Pick<StoreContext, 'namespace' | 'stores' | 'controllerClass' | 'askedBy'>;

/** The template with every store named, or what is wrong with one of its stores. */
export function nameStores(template: Template, context: StoreContext): Template {
  return template.map((part) => (typeof part === 'string' ? part : nameStore(part, context)));
}

/** The reference with its store named, after everything that can be known of that store without I/O was checked. */
export function nameStore(reference: Reference, context: StoreContext): Reference {
  const store = reference.store.kind === 'default' ? context.defaultStore : reference.store;
  if (store === undefined || store.kind === 'default') {
    throw new LatchkeyError('STORE_NOT_FOUND', 'the reference names no store and there is no default store', {
      hint: 'Write secretstore://STORE/KEY, or name one with the annotation latchkey.dev/store',
    });
  }
  checkStore(store.kind, store.name, context);
  return reference.store.kind === 'default' ? { ...reference, store } : reference;
}

/** What forbids the Pod to read stores that a plan on it names: whoever writes a plan may have skipped every check. */
export function recordedProblems(
  { keys, map }: Pick<RecordedSecret, 'keys' | 'map'>,
  context: StoreContext,
): readonly LatchkeyError[] {
  const templates = [...Object.values(keys).map(({ template }) => template), map === undefined ? [] : [map.reference]];
  return templates.flatMap((template) => {
    try {
      nameStores(template, context);
      return [];
    } catch (error) {
      return [LatchkeyError.from(error)];
    }
  });
}

/** Throws what forbids the Pod to read through the store, of all that can be known without I/O. */
export function checkStore(kind: Store['kind'], name: string, context: StoreContext): void {
  const { namespace, serviceAccount } = context;
  const store = requireStore(kind, name, context);
  if (!isOpenToPods(store, namespace.name)) {
    throw new LatchkeyError(
      'STORE_NOT_ALLOWED',
      `${kind} "${name}" is read with an identity of another namespace and is not open to Pods`,
      {
        hint: 'Its owner can open it with the annotation latchkey.dev/pods: allowed',
      },
    );
  }
  if (store.configured?.needs.who !== 'pod') return;
  const missing = store.configured.needs.check?.(serviceAccount);
  if (missing !== undefined) throw missing;
}

/** The store, unless it does not exist, has mistakes, or is not open to the namespace, whoever asks in it. */
export function requireStore(kind: Store['kind'], name: string, context: NamedStoreContext): Store {
  const { namespace } = context;
  const store = context.stores.get(kind, namespace.name, name);
  if (store === undefined) throw notFound(kind, name, context);

  const title = `${kind} "${name}"`;
  if (store.controller !== '' && store.controller !== context.controllerClass) {
    throw new LatchkeyError('STORE_NOT_ALLOWED', `${title} belongs to the controller class "${store.controller}"`, {
      hint: `Use a store without spec.controller, or one with "${context.controllerClass}"`,
    });
  }
  if (!store.allowsNamespace(namespace)) {
    throw new LatchkeyError('STORE_NOT_ALLOWED', `${title} is not open to namespace "${namespace.name}"`, {
      hint: 'Ask its owner to add the namespace to spec.conditions',
    });
  }
  if (store.problems.length > 0 || store.configured === undefined) {
    throw new LatchkeyError('STORE_INVALID', `${title} has mistakes: ${store.problems.slice(0, 5).join('; ')}`, {
      hint: 'Correct the store',
    });
  }
  return store;
}

function notFound(kind: Store['kind'], name: string, context: NamedStoreContext): LatchkeyError {
  const { namespace, stores } = context;
  const other = kind === 'SecretStore' ? 'ClusterSecretStore' : 'SecretStore';
  if (stores.get(other, namespace.name, name) !== undefined) {
    return new LatchkeyError('STORE_NOT_FOUND', `there is no ${kind} "${name}", but a ${other} of that name`, {
      hint: context.askedBy === 'definition' ? `Write kind: ${other}` : `Write ${other.toLowerCase()}://${name}/…`,
    });
  }
  const place = kind === 'SecretStore' ? ` in namespace "${namespace.name}"` : '';
  const close = didYouMean(name, stores.names(kind, namespace.name));
  return new LatchkeyError('STORE_NOT_FOUND', `${kind} "${name}" does not exist${place}`, {
    hint: close === undefined ? 'Create it, or correct the name' : `Did you mean "${close}"?`,
  });
}
