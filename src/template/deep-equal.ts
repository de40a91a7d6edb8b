import { TemplateError } from './template-error.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from './value.ts';

/** Lists may stand in each other many times over: as text they would be larger than any Secret. */
const MAX_COMPARISONS = 1_000_000;
const MAX_DEPTH = 500;

/** Go's reflect.DeepEqual: equal values of equal types. Throws TemplateError where that would take too long. */
export function deepEqual(a: GoValue, b: GoValue): boolean {
  let comparisons = 0;
  return isSame(a, b, 0);

  function isSame(one: GoValue, other: GoValue, depth: number): boolean {
    comparisons += 1;
    if (comparisons > MAX_COMPARISONS || depth > MAX_DEPTH) throw new TemplateError('values are too large to compare');
    if (typeName(one) !== typeName(other)) return false;
    if (one instanceof GoInt && other instanceof GoInt) return one.value === other.value;
    if (one instanceof GoList && other instanceof GoList) {
      const { items } = other;
      return (
        one.items.length === items.length &&
        one.items.every((item, index) => isSame(item, items[index] ?? null, depth + 1))
      );
    }
    if (one instanceof GoMap && other instanceof GoMap) return isSameMap(one.entries, other.entries, depth);
    if (one instanceof GoStruct && other instanceof GoStruct) {
      return one === other || (one.text === other.text && isSameMap(one.fields, other.fields, depth));
    }
    return one === other;
  }

  function isSameMap(one: ReadonlyMap<string, GoValue>, other: ReadonlyMap<string, GoValue>, depth: number): boolean {
    if (one.size !== other.size) return false;
    for (const [key, value] of one) {
      const counterpart = other.get(key);
      if (counterpart === undefined || !isSame(value, counterpart, depth + 1)) return false;
    }
    return true;
  }
}
