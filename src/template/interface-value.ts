import { typeName } from './type-name.ts';
import type { GoList, GoMap, GoValue } from './value.ts';

/**
 * A value that came out of a place of type `interface {}`: an element of JSON's lists and maps. Go's messages name that
 * type, not the value's, and tell its nil from no value at all. A pipeline looks inside.
 */
export class InterfaceValue {
  readonly inside: GoValue;

  constructor(inside: GoValue) {
    this.inside = inside;
  }
}

/** A value while templates are carried out. `undefined` is none: what `nil` and a pipeline that ended in nil are. */
export type Value = Exclude<GoValue, null> | InterfaceValue | undefined;

/** The element of a list or map. */
export function elementOf(container: GoList | GoMap, element: GoValue): Value {
  return element === null || container.elem === 'interface {}' ? new InterfaceValue(element) : element;
}

/** What a function gave. */
export function resultOf(value: GoValue): Value {
  return value ?? new InterfaceValue(null);
}

/** The value inside of an interface. */
export function insideOf(value: Value): Exclude<GoValue, null> | undefined {
  return value instanceof InterfaceValue ? (value.inside ?? undefined) : value;
}

/** What functions are given. */
export function plainValue(value: Value): GoValue {
  return insideOf(value) ?? null;
}

/** Go's type of the place that the value was in. */
export function staticType(value: Exclude<Value, undefined>): string {
  return value instanceof InterfaceValue ? 'interface {}' : typeName(value);
}
