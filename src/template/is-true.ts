import { GoInt, GoList, GoMap, type GoValue } from './value.ts';

/** Whether `if` takes the value for true: neither empty nor zero. A struct always is. */
export function isTrue(value: GoValue): boolean {
  if (value instanceof GoInt) return value.value !== 0n;
  if (value instanceof GoList) return value.items.length > 0;
  if (value instanceof GoMap) return value.entries.size > 0;
  if (typeof value === 'number') return value !== 0; // NaN too
  return typeof value === 'object' ? value !== null : value !== false && value !== '';
}
