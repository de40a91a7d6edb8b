import { isMapping } from '../../fields.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A step into an object: a key, or the item of a keyed list. */
export type Step = string | { readonly by: string; readonly is: string };
export type FieldPath = readonly Step[];

/** Lists that are merged item by item. Those below `metadata` are in every object, the others only in Kubernetes' own. */
const LIST_KEYS: Readonly<Record<string, string>> = {
  webhooks: 'name',
  conditions: 'type',
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
};

/** The merge key of the list at a path, where it has one. */
export function listKey(path: FieldPath, isBuiltIn: boolean): string | undefined {
  const last = path.at(-1);
  if (typeof last !== 'string') return undefined;
  if (path.length === 2 && path[0] === 'metadata') return last === 'ownerReferences' ? 'uid' : undefined;
  return isBuiltIn && Object.hasOwn(LIST_KEYS, last) ? LIST_KEYS[last] : undefined;
}

/** Every value of an object with its path: the units that managers own. An owner reference is one unit. */
export function leavesOf(object: Json, isBuiltIn: boolean): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  visit(object, []);
  return leaves;

  function visit(value: unknown, path: FieldPath): void {
    if (isMapping(value)) {
      for (const [key, child] of Object.entries(value)) visit(child, [...path, key]);
      return;
    }
    const by = listKey(path, isBuiltIn);
    if (by === undefined || !Array.isArray(value)) {
      leaves.set(pathId(path), { path, value });
      return;
    }
    for (const item of value as readonly unknown[]) {
      const itemPath = [...path, { by, is: keyOf(item, by) }];
      if (by === 'uid') leaves.set(pathId(itemPath), { path: itemPath, value: item });
      else visit(item, itemPath);
    }
  }
}

export interface Leaf {
  readonly path: FieldPath;
  readonly value: unknown;
}

export function pathId(path: FieldPath): string {
  return JSON.stringify(path);
}

/** As a conflict names it: `.data.password`. */
export function printPath(path: FieldPath): string {
  return path.map((step) => (typeof step === 'string' ? `.${step}` : `[${step.by}=${step.is}]`)).join('');
}

export function getAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof step === 'string') return isMapping(at) && Object.hasOwn(at, step) ? at[step] : undefined;
    return Array.isArray(at) ? at.find((item) => keyOf(item, step.by) === step.is) : undefined;
  }, value);
}

/** The same object with one value set, or with it gone for `undefined`, and whatever is empty after that. */
export function setAt(value: unknown, path: FieldPath, leaf: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  if (typeof step === 'string') {
    const fields = isMapping(value) ? value : {};
    const { [step]: before, ...others } = fields;
    const after = setAt(before, rest, leaf);
    return isGone(after, leaf) ? others : { ...fields, [step]: after };
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const index = items.findIndex((item) => keyOf(item, step.by) === step.is);
  const after = setAt(items[index], rest, leaf);
  if (isGone(after, leaf)) return items.filter((_, at) => at !== index);
  return index === -1 ? [...items, after] : items.with(index, after);
}

function isGone(after: unknown, leaf: unknown): boolean {
  if (leaf !== undefined) return false;
  return after === undefined || (typeof after === 'object' && after !== null && Object.keys(after).length === 0);
}

function keyOf(item: unknown, by: string): string {
  const key = isMapping(item) ? item[by] : undefined;
  return typeof key === 'string' ? key : '';
}
