import { TemplateError } from './template-error.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from './value.ts';

/** Go's `eq` of two values: of one kind, integers whatever their sign, or one of them nil. */
export function isEqual(a: GoValue, b: GoValue): boolean {
  if (a === null || b === null) {
    return a === null && b === null;
  }
  const kind = basicKind(a);
  if (kind !== basicKind(b)) throw incompatible(a, b);
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (kind !== undefined) return a === b;
  if (isComparable(a) && isComparable(b)) return a === b;
  throw new TemplateError(`non-comparable type ${typeName(isComparable(a) ? b : a)}`);
}

/** Go's `lt`: integers, floats and strings have an order. */
export function isLess(a: GoValue, b: GoValue): boolean {
  const kinds = [basicKind(a), basicKind(b)];
  if (kinds.includes(undefined)) throw new TemplateError('invalid type for comparison');
  if (kinds[0] !== kinds[1]) throw incompatible(a, b);
  if (a instanceof GoInt && b instanceof GoInt) return a.value < b.value;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  throw new TemplateError('invalid type for comparison');
}

function incompatible(a: GoValue, b: GoValue): TemplateError {
  return new TemplateError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function basicKind(value: GoValue): 'int' | 'float' | 'string' | 'bool' | undefined {
  if (value instanceof GoInt) return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'bool' : undefined;
}

function isComparable(value: GoValue): boolean {
  return !(value instanceof GoList || value instanceof GoMap) && value instanceof GoStruct;
}
