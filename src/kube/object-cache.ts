import { type KubeObject, objectKey } from './kube-object.ts';
import type { ReflectorHandler } from './reflector.ts';

/** What is kept of a watched collection, by name. */
export interface ObjectCache<T> extends ReflectorHandler {
  get(namespace: string | undefined, name: string): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
}

export interface ObjectCacheOptions<T> {
  /** Takes out of an object what is needed, so that the rest can be freed; `undefined` keeps nothing of it. */
  readonly transform: (object: KubeObject) => T | undefined;
  /** After the cache changed; `value` is undefined when the object went. */
  readonly onChange?: (namespace: string | undefined, name: string, value: T | undefined) => void;
}

export function createObjectCache<T>({ transform, onChange }: ObjectCacheOptions<T>): ObjectCache<T> {
  const kept = new Map<string, T>();
  return {
    onUpsert(object) {
      const { namespace, name } = object.metadata;
      const value = transform(object);
      if (value === undefined) kept.delete(objectKey(namespace, name));
      else kept.set(objectKey(namespace, name), value);
      onChange?.(namespace, name, value);
    },

    onDelete({ namespace, name }) {
      kept.delete(objectKey(namespace, name));
      onChange?.(namespace, name, undefined);
    },

    get(namespace, name) {
      return kept.get(objectKey(namespace, name));
    },

    values() {
      return kept.values();
    },

    get size() {
      return kept.size;
    },
  };
}
