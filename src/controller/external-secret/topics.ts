import type { Definition } from '../../externalsecrets/definition.ts';
import { storesOf } from '../../externalsecrets/stores-of.ts';
import { storeKey } from '../../stores/store-key.ts';

/** Which ExternalSecrets a change of something else concerns: its stores, its namespace, and who else wants its target. */
export interface Topics {
  /** Takes in what a definition depends on now, or with `undefined` that it is gone. Returns the topics of before and now. */
  update(key: string, definition: Definition | undefined): ReadonlySet<string>;
  /** The keys of the definitions that depend on it. */
  dependants(topic: string): readonly string[];
}

export function createTopics(): Topics {
  const topicsOf = new Map<string, readonly string[]>();
  const keysOf = new Map<string, Set<string>>();

  return {
    update(key, definition) {
      const before = topicsOf.get(key) ?? [];
      const now = definition === undefined ? [] : topicsIn(definition);
      for (const topic of before) leave(topic, key);
      for (const topic of now) keysOf.set(topic, (keysOf.get(topic) ?? new Set()).add(key));
      if (definition === undefined) topicsOf.delete(key);
      else topicsOf.set(key, now);
      return new Set([...before, ...now]);
    },

    dependants: (topic) => [...(keysOf.get(topic) ?? [])],
  };

  function leave(topic: string, key: string): void {
    const keys = keysOf.get(topic);
    keys?.delete(key);
    if (keys?.size === 0) keysOf.delete(topic);
  }
}

export function targetTopic(namespace: string, name: string): string {
  return `Secret/${namespace}/${name}`;
}

export function namespaceTopic(name: string): string {
  return `Namespace/${name}`;
}

function topicsIn(definition: Definition): readonly string[] {
  const { namespace, spec } = definition;
  return [
    ...storesOf(definition).map(({ kind, name }) => storeKey(kind, namespace, name)),
    targetTopic(namespace, spec.target.name),
    namespaceTopic(namespace),
  ];
}
