/** The digits of a finite number that is not negative: 0.DIGITS times ten to the power of `point`. No zeros at the end. */
export interface DecimalDigits {
  readonly digits: string;
  readonly point: number;
}

/** The shortest that reads back as the same float64. */
export function shortestDigits(value: number): DecimalDigits {
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  return normal(mantissa.replace('.', ''), Number(power) + 1);
}

/** All of them: every float64 ends. */
export function exactDigits(value: number): DecimalDigits {
  const { mantissa, exponent } = binaryParts(value);
  if (exponent >= 0) {
    const whole = (mantissa << BigInt(exponent)).toString();
    return normal(whole, whole.length);
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return normal(digits, digits.length + exponent);
}

/** Rounded to so many digits, a half to the even neighbour as Go does it (JavaScript's toFixed rounds it up). */
export function roundDigits({ digits, point }: DecimalDigits, count: number): DecimalDigits {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const isHalf = rest[0] === '5' && rest.length === 1;
  const isUp = isHalf ? Number(kept.at(-1) ?? '0') % 2 === 1 : rest.charCodeAt(0) >= 0x35;
  if (!isUp) return normal(kept, point);
  const raised = (BigInt(kept === '' ? '0' : kept) + 1n).toString();
  // 99 becomes 100: a digit more before the point.
  return normal(raised, point + (raised.length - kept.length));
}

/** A float64 as mantissa times two to the power of the exponent. */
export function binaryParts(value: number): {
  readonly mantissa: bigint;
  readonly exponent: number;
} {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  const raw = bits.readBigUInt64BE();
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function normal(digits: string, point: number): DecimalDigits {
  let start = 0;
  while (digits[start] === '0') start += 1;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end -= 1;
  return start === end ? { digits: '', point: 0 } : { digits: digits.slice(start, end), point: point - start };
}
