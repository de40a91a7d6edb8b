/** Decimal digits of a float's shortest form that reads back as the same float, and the power of ten of the first. */
interface Digits {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** Go's strconv.FormatFloat of a float64 for the formats e, E, f, F, g, G; a precision of -1 is the shortest. */
export function formatFloat(value: number, format: string, precision = -1): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const upper = format === format.toUpperCase();
  const text = finite(value, format.toLowerCase(), precision);
  return upper ? text.toUpperCase() : text;
}

function finite(value: number, format: string, precision: number): string {
  switch (format) {
    case 'e':
      return toExponent(round(value, precision < 0 ? -1 : precision + 1), precision);
    case 'f':
      return precision < 0 ? toFixed(shortest(value)) : fixed(value, precision);
    default: {
      const significant = precision === 0 ? 1 : precision;
      const digits = round(value, significant);
      const limit = precision < 0 ? 6 : exponentLimit(significant, trimZeros(digits));
      const isExponent = digits.exponent < -4 || digits.exponent >= limit;
      return isExponent ? toExponent(trimZeros(digits), -1) : toFixed(trimZeros(digits));
    }
  }
}

function exponentLimit(precision: number, { digits, exponent }: Digits): number {
  return precision > digits.length && digits.length >= exponent + 1 ? digits.length : precision;
}

function shortest(value: number): Digits {
  const [mantissa = '0', power = '0'] = Math.abs(value).toExponential().split('e');
  return { negative: value < 0 || Object.is(value, -0), digits: mantissa.replace('.', ''), exponent: Number(power) };
}

/** At most 100 digits are exact, as JavaScript has them; nobody reads more. */
function round(value: number, significant: number): Digits {
  if (significant < 0) return shortest(value);
  const [mantissa = '0', power = '0'] = Math.abs(value)
    .toExponential(Math.min(significant - 1, 100))
    .split('e');
  const digits = mantissa.replace('.', '').padEnd(significant, '0');
  return { negative: value < 0 || Object.is(value, -0), digits, exponent: Number(power) };
}

function fixed(value: number, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  const exact = Math.min(precision, 100);
  if (size < 1e21) return sign + size.toFixed(exact) + '0'.repeat(precision - exact);
  return `${sign}${BigInt(size)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
}

function trimZeros({ digits, ...rest }: Digits): Digits {
  return { ...rest, digits: digits.replace(/0+$/, '') || '0' };
}

function toExponent({ negative, digits, exponent }: Digits, precision: number): string {
  const rest = precision < 0 ? digits.slice(1) : digits.slice(1, precision + 1).padEnd(precision, '0');
  const sign = exponent < 0 ? '-' : '+';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${negative ? '-' : ''}${digits[0] ?? '0'}${rest === '' ? '' : `.${rest}`}e${sign}${power}`;
}

function toFixed({ negative, digits, exponent }: Digits): string {
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = digits.slice(exponent + 1);
  return `${sign}${whole}${rest === '' ? '' : `.${rest}`}`;
}
