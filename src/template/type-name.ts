import { GoInt, GoList, GoMap, type GoValue } from './value.ts';

/** Go's `%T`. */
export function typeName(value: GoValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof GoInt) return value.kind;
  if (value instanceof GoList) return `[]${value.elem}`;
  if (value instanceof GoMap) return `map[string]${value.elem}`;
  return value.type;
}

/** The name of Go's reflect.Kind. */
export function kindName(value: GoValue): string {
  if (value === null) return 'invalid';
  if (value instanceof GoList) return 'slice';
  if (value instanceof GoMap) return 'map';
  if (typeof value === 'object' && !(value instanceof GoInt)) return value.type.startsWith('*') ? 'ptr' : 'struct';
  return typeName(value);
}
