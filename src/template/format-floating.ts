import { type Directive, pad } from './format-directive.ts';
import { formatFloat } from './format-number.ts';

/** Go's strconv format of each verb, and the precision where none is written. */
const FORMATS: Readonly<Record<string, readonly [format: string, precision: number]>> = {
  v: ['g', -1],
  b: ['b', -1],
  g: ['g', -1],
  G: ['G', -1],
  x: ['x', -1],
  X: ['X', -1],
  f: ['f', 6],
  F: ['f', 6],
  e: ['e', 6],
  E: ['E', 6],
};

/** A float64 by a directive; `undefined` for a verb that floats do not have. */
export function formatFloating(value: number, directive: Directive): string | undefined {
  const [format, usual] = FORMATS[directive.verb] ?? [];
  if (format === undefined || usual === undefined) return undefined;
  const precision = directive.precision ?? usual;
  const text = formatFloat(value, format, precision);
  const sign = /^[-+]/.exec(text)?.[0] ?? '+';
  const size = text.replace(/^[-+]/, '');
  if (!Number.isFinite(value)) return formatSpecial(sign, size, directive);

  const shown = directive.sharp && format !== 'b' ? keepZeros(size, format, precision) : size;
  return withSign(sign, shown, directive);
}

function formatSpecial(sign: string, size: string, directive: Directive): string {
  const { plus, space } = directive;
  const isBare = size === 'NaN' && !plus && !space;
  const shownSign = sign === '+' && space && !plus ? ' ' : sign;
  return pad(isBare ? size : shownSign + size, { ...directive, zero: false });
}

function withSign(sign: string, size: string, directive: Directive): string {
  const { plus, space, zero, minus, width } = directive;
  if (sign === '+' && !plus && !space) return pad(size, directive);
  const text = (sign === '+' && !plus ? ' ' : sign) + size;
  if (!zero || minus || width === undefined || width <= text.length) return pad(text, directive);
  return text.slice(0, 1) + '0'.repeat(width - text.length) + size;
}

/** `#` keeps the decimal point, and the zeros at the end that `%g` would drop. */
function keepZeros(size: string, format: string, precision: number): string {
  const isHex = format === 'x' || format === 'X';
  const [mantissa = '', power = ''] = size.split(isHex ? /(?=[pP])/ : /(?=[eE])/);
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`;
  if (!['g', 'G', 'x'].includes(format)) return pointed + power;
  // Go counts from the first digit that is not zero, and the x of 0x as one; a lone zero counts too.
  const counted = mantissa.replace('.', '').replace(/^0+/, '').length;
  const digits = mantissa === '0' ? 1 : counted;
  return pointed + '0'.repeat(Math.max((precision === -1 ? 6 : precision) - digits, 0)) + power;
}
