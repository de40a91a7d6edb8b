import { createMetadataIndex, type Watched, type WatchOptions } from '../kube/metadata-index.ts';
import { NAMESPACES } from '../kube/paths.ts';
import type { NamespaceFacts } from './store.ts';

const OPT_IN = { label: 'latchkey.dev/inject', value: 'enabled' };

/** Every Namespace's labels and annotations. */
export interface NamespaceIndex extends Watched {
  get(name: string): NamespaceFacts | undefined;
  values(): Iterable<NamespaceFacts>;
  /** The listener hears the name of each Namespace that came, changed or went. Returns how to stop that. */
  onChange(listener: (name: string) => void): () => void;
  /** As `get` for one that opted in; asks the API server about every other, whose label may just have been set. */
  find(name: string, signal: AbortSignal): Promise<NamespaceFacts | undefined>;
  isOptedIn(namespace: NamespaceFacts): boolean;
}

export function createNamespaceIndex(options: WatchOptions): NamespaceIndex {
  const index = createMetadataIndex<NamespaceFacts>({
    ...options,
    resource: NAMESPACES,
    kind: 'Namespace',
    toFacts: ({ name, labels = {}, deletionTimestamp }, annotations) => ({
      name,
      labels,
      annotations,
      ...(deletionTimestamp !== undefined && { isTerminating: true }),
    }),
  });
  return {
    ...index,
    isOptedIn,
    onChange: (listener) => index.onChange((_namespace, name) => listener(name)),

    get(name) {
      return index.get(undefined, name);
    },

    async find(name, signal) {
      const known = index.get(undefined, name);
      return known !== undefined && isOptedIn(known) ? known : index.fetch(undefined, name, signal);
    },
  };
}

function isOptedIn({ labels }: NamespaceFacts): boolean {
  return labels[OPT_IN.label] === OPT_IN.value;
}
