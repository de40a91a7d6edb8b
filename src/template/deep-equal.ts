import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from './value.ts';

/** Go's reflect.DeepEqual: equal values of equal types. */
export function deepEqual(a: GoValue, b: GoValue): boolean {
  if (typeName(a) !== typeName(b)) return false;
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (a instanceof GoList && b instanceof GoList) {
    return a.items.length === b.items.length && a.items.every((item, index) => deepEqual(item, b.items[index] ?? null));
  }
  if (a instanceof GoMap && b instanceof GoMap) {
    const isSame = ([key, value]: [string, GoValue]) =>
      b.entries.has(key) && deepEqual(value, b.entries.get(key) ?? null);
    return a.entries.size === b.entries.size && [...a.entries].every(isSame);
  }
  if (a instanceof GoStruct && b instanceof GoStruct) {
    return a === b || (a.text === b.text && deepEqual(new GoMap(a.fields), new GoMap(b.fields)));
  }
  return a === b;
}
