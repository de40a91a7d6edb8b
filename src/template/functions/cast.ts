import { formatValue } from '../format-value.ts';
import { GoInt, GoList, GoStruct, type GoValue } from '../value.ts';
import { parseFloat64 } from './parse-float.ts';
import { parseInteger } from './parse-integer.ts';

// What sprig's loose parameters become (the package spf13/cast): whatever is no number counts as zero.

const INT64_MIN = -(2n ** 63n);

/** An int64. Text is read with Go's prefixes, so that `010` is 8 and `0x10` is 16; a float loses its fraction. */
export function toInt64(value: GoValue): bigint {
  if (value instanceof GoInt) return BigInt.asIntN(64, value.value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return truncate(value);
  if (typeof value !== 'string') return 0n;
  const parsed = parseInteger(trimZeroDecimal(value), 0);
  return parsed.ok ? parsed.value : 0n;
}

export function toFloat64(value: GoValue): number {
  if (typeof value === 'number') return value;
  if (value instanceof GoInt) return Number(value.value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? (parseFloat64(value) ?? 0) : 0;
}

/** Sprig's text of any value: bytes are text, a Stringer speaks for itself, everything else prints as `%v`. */
export function strval(value: GoValue): string {
  if (typeof value === 'string') return value;
  if (value instanceof GoList && value.elem === 'uint8') return bytesOf(value);
  if (value instanceof GoStruct && value.text !== undefined) return value.text;
  return formatValue(value);
}

/** Values beyond int64, and NaN, become what amd64 makes of them: the least int64. */
function truncate(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : INT64_MIN;
}

/** `1.0` and `1.` followed by zeros are whole; `1.50` is not, and so no integer. */
function trimZeroDecimal(text: string): string {
  let at = text.length;
  while (at > 0 && text[at - 1] === '0') at--;
  return at > 0 && at < text.length && text[at - 1] === '.' ? text.slice(0, at - 1) : text;
}

function bytesOf(list: GoList): string {
  return Buffer.from(list.items.map((item) => Number(toInt64(item)))).toString('latin1');
}
