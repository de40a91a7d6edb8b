import { type KubeObject, objectKey } from '../kube/kube-object.ts';
import type { WatchOptions } from '../kube/metadata-index.ts';
import { apiPath } from '../kube/paths.ts';
import { startReflector } from '../kube/reflector.ts';
import type { DefinitionFacts } from '../planning/definition.ts';
import type { VersionedFeed } from '../stores/follow-served-version.ts';
import type { Definition } from './definition.ts';
import { heldBy, parseDefinition } from './parse-definition.ts';
import { parseStatus } from './parse-status.ts';
import { toFacts } from './to-facts.ts';

export interface KnownDefinition {
  readonly facts: DefinitionFacts;
  readonly createdAt: string;
}

/** All ExternalSecrets of one served version, as a watch brings them. */
export interface DefinitionFeed extends VersionedFeed<Definition> {
  /** By `objectKey`. */
  readonly objects: ReadonlyMap<string, Definition>;
  readonly known: ReadonlyMap<string, KnownDefinition>;
  /** Of several that make the Secret, the one that was created first; one that is being deleted makes nothing any more. */
  making(namespace: string, secretName: string): DefinitionFacts | undefined;
}

export interface DefinitionFeedOptions extends WatchOptions {
  readonly apiVersion: string;
  /** After one came, changed (also in its status) or went. */
  readonly onChange: (key: string) => void;
}

export function startDefinitionFeed(options: DefinitionFeedOptions): DefinitionFeed {
  const { apiVersion, onChange } = options;
  const definitions = new Map<string, Definition>();
  const known = new Map<string, KnownDefinition>();
  /** By the Secret's `objectKey`, the first created first. */
  const byTarget = new Map<string, readonly KnownDefinition[]>();
  const reflector = startReflector({
    ...options,
    path: apiPath({ apiVersion, plural: 'externalsecrets' }),
    handler: {
      onUpsert(object) {
        const key = objectKey(object.metadata.namespace, object.metadata.name);
        const before = definitions.get(key);
        if (before !== undefined && isSame(before, object)) {
          // 10,000 statuses a minute must not be 10,000 specs read anew.
          definitions.set(key, { ...before, status: parseStatus(object['status']), heldBy: heldBy(object.metadata) });
        } else {
          // Should the new one not be readable, the old one must not stay.
          remove(key);
          add(key, object);
        }
        onChange(key);
      },

      onDelete({ namespace, name }) {
        const key = objectKey(namespace, name);
        remove(key);
        onChange(key);
      },
    },
  });

  return {
    apiVersion,
    objects: definitions,
    known,
    making: (namespace, secretName) => byTarget.get(objectKey(namespace, secretName))?.find(isStaying)?.facts,
    synced: reflector.synced,
    lastContactAt: () => reflector.lastContactAt(),
    stop: () => reflector.stop(),
  };

  function isStaying({ facts }: KnownDefinition): boolean {
    return definitions.get(objectKey(facts.namespace, facts.name))?.heldBy === undefined;
  }

  function add(key: string, object: KubeObject): void {
    const definition = parseDefinition({ ...object, apiVersion, kind: 'ExternalSecret' });
    const one = { facts: toFacts(definition), createdAt: object.metadata.creationTimestamp ?? '' };
    definitions.set(key, definition);
    known.set(key, one);
    const target = targetKey(one);
    if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), one].toSorted(byCreation));
  }

  function remove(key: string): void {
    const one = known.get(key);
    definitions.delete(key);
    known.delete(key);
    const target = one && targetKey(one);
    if (target === undefined) return;
    const others = byTarget.get(target)?.filter((other) => other !== one) ?? [];
    if (others.length > 0) byTarget.set(target, others);
    else byTarget.delete(target);
  }
}

function targetKey({ facts }: KnownDefinition): string | undefined {
  return facts.target === undefined ? undefined : objectKey(facts.namespace, facts.target);
}

function byCreation(left: KnownDefinition, right: KnownDefinition): number {
  const [a, b] = [left, right].map(({ createdAt, facts }) => `${createdAt} ${facts.name}`);
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

/** The API server counts the generation up with every change of the spec; a new status leaves it as it is. */
function isSame(before: Definition, { metadata }: KubeObject): boolean {
  return (
    before.uid === metadata.uid &&
    before.generation === (metadata.generation ?? 0) &&
    isEqual(before.labels, metadata.labels) &&
    isEqual(before.annotations, metadata.annotations)
  );
}

function isEqual(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>> = {}): boolean {
  const names = Object.keys(right);
  return names.length === Object.keys(left).length && names.every((name) => left[name] === right[name]);
}
