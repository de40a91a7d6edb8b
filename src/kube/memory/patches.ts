import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../fields.ts';
import { type FieldPath, type Json, listKey } from './field-path.ts';
import { badRequest, invalid, notImplemented } from './refusals.ts';

/** RFC 7386. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const result: Record<string, unknown> = isMapping(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatched(result[key], value);
  }
  return result;
}

/** Merges keyed lists by their key, with `$patch: delete` for items; no other directives. */
export function strategicMergePatched(target: unknown, patch: unknown, path: FieldPath = []): unknown {
  const by = listKey(path, true);
  if (Array.isArray(patch) && by !== undefined) return mergeList(Array.isArray(target) ? target : [], patch, by, path);
  if (!isMapping(patch)) return patch;
  const result: Record<string, unknown> = isMapping(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) throw notImplemented(`the strategic merge directive ${key} here`);
    if (value === null) delete result[key];
    else result[key] = strategicMergePatched(result[key], value, [...path, key]);
  }
  return result;
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], by: string, path: FieldPath): unknown[] {
  const merged: unknown[] = [];
  // As the API server orders them: what the patch adds stands before the next item that it does not name.
  const untouched = [...target.entries()].filter(
    ([, item]) => !patch.some((one) => keyOf(one, by) === keyOf(item, by)),
  );
  for (const item of patch) {
    const key = keyOf(item, by);
    if (!isMapping(item) || key === undefined) throw badRequest(`map does not contain declared merge key: ${by}`);
    const { $patch: directive, ...fields } = item;
    if (directive !== undefined && directive !== 'delete') throw notImplemented('a $patch directive other than delete');
    const index = target.findIndex((one) => keyOf(one, by) === key);
    while (untouched[0] !== undefined && untouched[0][0] < index) merged.push(untouched.shift()?.[1]);
    if (directive === undefined) merged.push(strategicMergePatched(target[index], fields, [...path, { by, is: key }]));
  }
  return [...merged, ...untouched.map(([, item]) => item)];
}

function keyOf(item: unknown, by: string): string | undefined {
  const key = isMapping(item) ? item[by] : undefined;
  return typeof key === 'string' ? key : undefined;
}

/** RFC 6902 with add, replace, remove and test. */
export function jsonPatched(target: Json, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch must be a list');
  return operations.reduce<unknown>((object, operation) => {
    if (!isMapping(operation) || typeof operation['path'] !== 'string')
      throw badRequest('a JSON patch operation needs a path');
    const { op, value } = operation;
    const tokens = operation['path'].split('/').slice(1).map(unescapeToken);
    if (op === 'test') {
      if (isDeepStrictEqual(pointed(object, tokens), value)) return object;
      throw invalid('patch', `the test of ${operation['path']} failed`);
    }
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw notImplemented(`the JSON patch operation "${String(op)}"`);
    return edited(object, tokens, op, value);
  }, target);
}

function edited(target: unknown, tokens: readonly string[], op: 'add' | 'replace' | 'remove', value: unknown): unknown {
  const [token, ...rest] = tokens;
  if (token === undefined) return value;
  if (Array.isArray(target)) {
    const index = token === '-' ? target.length : Number(token);
    const isInside = Number.isInteger(index) && index >= 0 && index < target.length;
    if (!isInside && !(op === 'add' && index === target.length && rest.length === 0)) throw missing(token);
    if (rest.length > 0) return target.with(index, edited(target[index], rest, op, value));
    if (op === 'add') return target.toSpliced(index, 0, value);
    return op === 'remove' ? target.toSpliced(index, 1) : target.with(index, value);
  }
  if (!isMapping(target)) throw missing(token);
  if (!Object.hasOwn(target, token) && !(op === 'add' && rest.length === 0)) throw missing(token);
  if (rest.length > 0) return { ...target, [token]: edited(target[token], rest, op, value) };
  const { [token]: _removed, ...others } = target;
  return op === 'remove' ? others : { ...target, [token]: value };
}

function pointed(target: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce<unknown>((at, token) => {
    if (Array.isArray(at)) return at[Number(token)];
    return isMapping(at) && Object.hasOwn(at, token) ? at[token] : undefined;
  }, target);
}

function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function missing(token: string): Error {
  return invalid('patch', `there is nothing at "${token}"`);
}
