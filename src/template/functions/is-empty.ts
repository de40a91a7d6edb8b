import { isTrue } from '../is-true.ts';
import type { GoValue } from '../value.ts';

/** Sprig's idea of empty is Go's of false, except that NaN is something. */
export function isEmpty(value: GoValue): boolean {
  return !isTrue(value);
}
