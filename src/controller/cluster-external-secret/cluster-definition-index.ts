import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../kube/kube-object.ts';
import type { ReflectorHandler } from '../../kube/reflector.ts';
import { type ClusterDefinition, parseClusterDefinition } from '../../externalsecrets/cluster-definition.ts';

/** All ClusterExternalSecrets, fed by a watch. */
export interface ClusterDefinitionIndex extends ReflectorHandler {
  get(name: string): ClusterDefinition | undefined;
  values(): Iterable<ClusterDefinition>;
}

/** `onChange` hears the name of what came or changed other than in its status. What is being deleted is gone already. */
export function createClusterDefinitionIndex(
  apiVersion: string,
  onChange: (name: string) => void,
): ClusterDefinitionIndex {
  const known = new Map<string, ClusterDefinition>();
  return {
    get: (name) => known.get(name),
    values: () => known.values(),

    onUpsert(object: KubeObject) {
      const { name, deletionTimestamp } = object.metadata;
      const before = known.get(name);
      if (deletionTimestamp !== undefined) {
        known.delete(name);
        return;
      }
      const now = parseClusterDefinition(object, apiVersion);
      known.set(name, now);
      if (before === undefined || hasChanged(before, now)) onChange(name);
    },

    onDelete({ name }) {
      known.delete(name);
    },
  };
}

/** Everything that is carried out stands in the spec, except for what annotations add. */
function hasChanged(before: ClusterDefinition, now: ClusterDefinition): boolean {
  const isSame = before.uid === now.uid && before.generation === now.generation;
  return !isSame || !isDeepStrictEqual(before.annotations, now.annotations);
}
