import { objectKey } from '../kube/kube-object.ts';
import type { Watched, WatchOptions } from '../kube/metadata-index.ts';
import type { DefinitionIndex } from '../planning/definition.ts';
import { followServedVersion } from '../stores/follow-served-version.ts';
import type { Definition } from './definition.ts';
import { type DefinitionFeed, startDefinitionFeed } from './definition-feed.ts';

/** The ExternalSecrets of a cluster. */
export interface WatchedDefinitionIndex extends DefinitionIndex, Watched {
  definition(namespace: string, name: string): Definition | undefined;
  /** Every definition by its `objectKey`. */
  all(): ReadonlyMap<string, Definition>;
  /** The listener hears the key of each that came, changed (also in its status) or went. Returns how to stop that. */
  onChange(listener: (key: string) => void): () => void;
}

/** Watches ExternalSecrets in the best version that the cluster serves, and follows when that changes. No CRDs: none. */
export function createDefinitionIndex(options: WatchOptions): WatchedDefinitionIndex {
  const served = followServedVersion<Definition, DefinitionFeed>({
    ...options,
    what: 'ExternalSecrets',
    start: (apiVersion, onChange) => startDefinitionFeed({ ...options, apiVersion, onChange }),
  });

  return {
    get: (namespace, name) => served.feed()?.known.get(objectKey(namespace, name))?.facts,
    making: (namespace, secretName) => served.feed()?.making(namespace, secretName),
    names: (namespace) =>
      [...served.all().values()].filter((one) => one.namespace === namespace).map(({ name }) => name),
    definition: (namespace, name) => served.all().get(objectKey(namespace, name)),
    all: () => served.all(),
    onChange: (listener) => served.onChange(listener),
    synced: served.synced,
    isSynced: () => served.isSynced(),
    lastContactAt: () => served.lastContactAt(),
    stop: () => served.stop(),
  };
}
