import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../fields.ts';
import type { KubeObject } from '../kube-object.ts';
import type { FieldOwners } from './field-owners.ts';
import { type FieldPath, type Json, pathId, type Step } from './field-path.ts';

/** The object with `metadata.managedFields`, which is kept as owners otherwise. */
export function withManagedFields(object: KubeObject, owners: FieldOwners): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields: toManagedFields(owners) } };
}

/** The owners that a patched object names, where the patch changed them. */
export function patchedOwners(patched: Json, before: FieldOwners): FieldOwners | undefined {
  const list = isMapping(patched['metadata']) ? patched['metadata']['managedFields'] : undefined;
  if (!Array.isArray(list) || isDeepStrictEqual(list, toManagedFields(before))) return undefined;
  return new Map(
    list.filter(isMapping).map(({ manager, operation, fieldsV1 }) => {
      const paths = [...pathsOf(isMapping(fieldsV1) ? fieldsV1 : {}, [])];
      return [`${String(manager)} ${String(operation)}`, new Map(paths.map((path) => [pathId(path), path]))];
    }),
  );
}

function toManagedFields(owners: FieldOwners): readonly object[] {
  return [...owners]
    .filter(([, fields]) => fields.size > 0)
    .map(([owner, fields]) => {
      const [manager, operation] = owner.split(' ');
      const tree: Record<string, unknown> = {};
      for (const path of fields.values()) add(tree, path);
      return { manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: tree };
    });
}

function add(tree: Record<string, unknown>, path: FieldPath): void {
  const [step, ...rest] = path;
  if (step === undefined) return;
  const field = print(step);
  const below: Record<string, unknown> = { ...(isMapping(tree[field]) ? tree[field] : {}) };
  tree[field] = below;
  add(below, rest);
}

function* pathsOf(tree: Json, path: FieldPath): Iterable<FieldPath> {
  const fields = Object.keys(tree).filter((field) => field !== '.');
  if (fields.length === 0 && path.length > 0) yield path;
  for (const field of fields) {
    const below = tree[field];
    yield* pathsOf(isMapping(below) ? below : {}, [...path, parse(field)]);
  }
}

function print(step: Step): string {
  return typeof step === 'string' ? `f:${step}` : `k:${JSON.stringify({ [step.by]: step.is })}`;
}

function parse(field: string): Step {
  if (field.startsWith('f:')) return field.slice(2);
  const key: unknown = JSON.parse(field.slice(2));
  const [by = '', is = ''] = isMapping(key) ? (Object.entries(key)[0] ?? []) : [];
  return { by, is: String(is) };
}
