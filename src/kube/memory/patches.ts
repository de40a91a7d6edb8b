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
  let result = [...target];
  for (const item of patch) {
    const key = isMapping(item) ? item[by] : undefined;
    if (!isMapping(item) || typeof key !== 'string') throw badRequest(`map does not contain declared merge key: ${by}`);
    const { $patch: directive, ...fields } = item;
    const index = result.findIndex((one) => isMapping(one) && one[by] === key);
    if (directive === 'delete') result = result.filter((_, at) => at !== index);
    else if (directive !== undefined) throw notImplemented('a $patch directive other than delete');
    else if (index === -1) result.push(fields);
    else result[index] = strategicMergePatched(result[index], fields, [...path, { by, is: key }]);
  }
  return result;
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
