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

const NO_DEFINITIONS: ReadonlyMap<string, Definition> = new Map();

/** Watches ExternalSecrets in the best version that the cluster serves, and follows when that changes. No CRDs: none. */
export function createDefinitionIndex(options: WatchOptions): WatchedDefinitionIndex {
  const listeners = new Set<(key: string) => void>();
  const served = followServedVersion<DefinitionFeed>({
    ...options,
    start(apiVersion) {
      const feed: DefinitionFeed = startDefinitionFeed({
        ...options,
        apiVersion,
        onChange(key) {
          if (served.feed() === feed) tell([key]);
        },
      });
      return feed;
    },
    onSwap(before, now) {
      options.log.info({ apiVersion: now.apiVersion, definitions: now.definitions.size }, 'reading ExternalSecrets');
      tell(new Set([...(before?.definitions.keys() ?? []), ...now.definitions.keys()]));
    },
  });

  return {
    get: (namespace, name) => served.feed()?.known.get(objectKey(namespace, name))?.facts,
    making: (namespace, secretName) => served.feed()?.making(namespace, secretName),
    names: (namespace) => [...all().values()].filter((one) => one.namespace === namespace).map(({ name }) => name),
    definition: (namespace, name) => all().get(objectKey(namespace, name)),
    all,

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    synced: served.synced,
    isSynced: () => served.isSynced(),
    lastContactAt: () => served.lastContactAt(),
    stop: () => served.stop(),
  };

  function all(): ReadonlyMap<string, Definition> {
    return served.feed()?.definitions ?? NO_DEFINITIONS;
  }

  function tell(keys: Iterable<string>): void {
    for (const key of keys) for (const listener of listeners) listener(key);
  }
}
