import { binaryParts, type DecimalDigits, exactDigits, roundDigits, shortestDigits } from './decimal-digits.ts';

/** Go's strconv.FormatFloat of a float64 for the formats b, e, E, f, F, g, G, x, X; a precision of -1 is the shortest. */
export function formatFloat(value: number, format: string, precision = -1): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const text = sign + formatSize(Math.abs(value), format.toLowerCase(), precision);
  return format === format.toUpperCase() ? text.toUpperCase() : text;
}

function formatSize(size: number, format: string, precision: number): string {
  switch (format) {
    case 'b': {
      const { mantissa, exponent } = binaryParts(size);
      return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
    }
    case 'x':
      return formatHexadecimal(size, precision);
    case 'e': {
      const number = precision < 0 ? shortestDigits(size) : roundDigits(exactDigits(size), precision + 1);
      return toExponent(number, precision < 0 ? Math.max(number.digits.length - 1, 0) : precision);
    }
    case 'f': {
      if (precision < 0) return toFixed(shortestDigits(size), -1);
      const exact = exactDigits(size);
      return toFixed(roundDigits(exact, exact.point + precision), precision);
    }
    default:
      return formatGeneral(size, precision);
  }
}

function formatGeneral(size: number, precision: number): string {
  const significant = precision === 0 ? 1 : precision;
  const number = precision < 0 ? shortestDigits(size) : roundDigits(exactDigits(size), significant);
  const count = number.digits.length;
  const isWhole = significant > count && count >= number.point;
  const limit = precision < 0 ? 6 : isWhole ? count : significant;
  const exponent = number.point - 1;
  const isExponent = count > 0 && (exponent < -4 || exponent >= limit);
  return isExponent ? toExponent(number, count - 1) : toFixed(number, -1);
}

function toExponent({ digits, point }: DecimalDigits, precision: number): string {
  const rest = digits.slice(1, precision + 1).padEnd(precision, '0');
  const exponent = digits === '' ? 0 : point - 1;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0] ?? '0'}${rest === '' ? '' : `.${rest}`}e${exponent < 0 ? '-' : '+'}${power}`;
}

/** With all digits where the precision is -1. */
function toFixed({ digits, point }: DecimalDigits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const rest = point > 0 ? digits.slice(point) : '0'.repeat(digits === '' ? 0 : -point) + digits;
  const shown = precision < 0 ? rest : rest.slice(0, precision).padEnd(precision, '0');
  return shown === '' ? whole : `${whole}.${shown}`;
}

/** `0x1.8p+01`, the mantissa between one and two. */
function formatHexadecimal(size: number, precision: number): string {
  if (size === 0) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`;
  let { mantissa, exponent } = binaryParts(size);
  while (mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  exponent += 52;
  if (precision >= 0 && precision < 13) {
    const dropped = BigInt(4 * (13 - precision));
    const half = 1n << (dropped - 1n);
    const rest = mantissa & ((1n << dropped) - 1n);
    mantissa >>= dropped;
    if (rest > half || (rest === half && mantissa % 2n === 1n)) mantissa += 1n;
    mantissa <<= dropped;
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const digits = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const shown = precision < 0 ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `0x1${shown === '' ? '' : `.${shown}`}p${exponent < 0 ? '-' : '+'}${power}`;
}
