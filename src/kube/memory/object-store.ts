import { type KubeObject, objectKey } from '../kube-object.ts';
import type { FieldOwners } from './field-owners.ts';
import type { ServedResource } from './resource-table.ts';

/** A stored object and who owns its fields. Never changed, only replaced. */
export interface Stored {
  readonly object: KubeObject;
  readonly owners: FieldOwners;
}

export interface Change {
  readonly version: number;
  readonly resource: ServedResource;
  /** Undefined for a creation. */
  readonly before: KubeObject | undefined;
  /** Undefined for a deletion. */
  readonly after: KubeObject | undefined;
  /** The object as a watch sends it; of a deletion its last state under a new resourceVersion. */
  readonly last: KubeObject;
}

export interface ObjectStore {
  get(resource: ServedResource, namespace: string | undefined, name: string): Stored | undefined;
  /** In the order of namespace and name, as etcd keeps them. */
  list(resource: ServedResource, namespace: string | undefined): readonly KubeObject[];
  put(resource: ServedResource, stored: Stored): KubeObject;
  remove(resource: ServedResource, object: KubeObject): void;
  /** Of the latest change to anything. */
  version(): number;
  /** Changes after a version; `undefined` when some of them are forgotten already. */
  changesSince(version: number): readonly Change[] | undefined;
  subscribe(listener: (change: Change) => void): () => void;
}

/** Objects by resource, one counter of resourceVersions for all, and a bounded memory of changes for watches. */
export function createObjectStore(historyLimit: number): ObjectStore {
  const collections = new Map<string, Map<string, Stored>>();
  const history: Change[] = [];
  const listeners = new Set<(change: Change) => void>();
  let version = 1000;
  let forgotten = version;

  return {
    get(resource, namespace, name) {
      return collection(resource).get(objectKey(namespace, name));
    },

    list(resource, namespace) {
      return [...collection(resource)]
        .filter(([, { object }]) => namespace === undefined || object.metadata.namespace === namespace)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { object }]) => object);
    },

    put(resource, { object, owners }) {
      const after = withVersion(object);
      const key = objectKey(after.metadata.namespace, after.metadata.name);
      const before = collection(resource).get(key)?.object;
      collection(resource).set(key, { object: after, owners });
      announce({ version, resource, before, after, last: after });
      return after;
    },

    remove(resource, object) {
      const last = withVersion(object);
      collection(resource).delete(objectKey(object.metadata.namespace, object.metadata.name));
      announce({ version, resource, before: object, after: undefined, last });
    },

    version: () => version,

    changesSince(since) {
      return since < forgotten ? undefined : history.filter((change) => change.version > since);
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  function collection(resource: ServedResource): Map<string, Stored> {
    const id = `${resource.group}/${resource.plural}`;
    const found = collections.get(id) ?? new Map<string, Stored>();
    collections.set(id, found);
    return found;
  }

  function withVersion(object: KubeObject): KubeObject {
    version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
  }

  function announce(change: Change): void {
    history.push(change);
    if (history.length > historyLimit) forgotten = history.shift()?.version ?? forgotten;
    for (const listener of listeners) listener(change);
  }
}
