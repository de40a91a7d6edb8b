import { countRunes, type Directive, pad } from './format-directive.ts';
import { formatFloat } from './format-number.ts';
import { isPrintable, quoteBytes, quoteRune, runes } from './go-quoted.ts';

// Each gives undefined for a verb that its kind of value does not have.

export function formatBoolean(value: boolean, directive: Directive): string | undefined {
  const { verb } = directive;
  return verb === 't' || verb === 'v' ? pad(String(value), directive) : undefined;
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, v: 10, x: 16, X: 16 };
const PREFIX: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

export function formatInteger(value: bigint, directive: Directive): string | undefined {
  const { verb, plus, space, sharp, precision, width, minus, zero } = directive;
  const code = value < 0n || value > 0x10_ff_ffn ? 0xff_fd : Number(value);
  if (verb === 'c') return pad(toBytes(String.fromCodePoint(isSurrogate(code) ? 0xff_fd : code)), directive, false);
  if (verb === 'q') return pad(quoteRune(code, plus), directive, false);
  if (verb === 'U') return pad(formatUnicode(value, sharp), directive, false);
  const radix = RADIX[verb];
  if (radix === undefined) return undefined;
  const size = value < 0n ? -value : value;
  let digits = size.toString(radix);
  if (verb === 'X') digits = digits.toUpperCase();
  if (precision === 0 && value === 0n) return ' '.repeat(width ?? 0);
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : '';
  const prefix = verb === 'O' ? '0o' : sharp && verb !== 'v' ? (PREFIX[verb] ?? '') : '';
  // With zeros the width counts the sign only; a precision takes their place.
  const least = precision ?? (zero && !minus && width !== undefined ? width - sign.length : 0);
  digits = digits.padStart(least, '0');
  const isOctalPrefixed = prefix === '0' && digits.startsWith('0');
  return pad(sign + (isOctalPrefixed ? '' : prefix) + digits, directive, false);
}

function formatUnicode(value: bigint, sharp: boolean): string {
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(4, '0');
  const code = Number(value);
  const isShown = sharp && code >= 0 && code <= 0x10_ff_ff && isPrintable(code);
  return isShown ? `U+${hex} '${toBytes(String.fromCodePoint(code))}'` : `U+${hex}`;
}

export function formatFloating(value: number, directive: Directive): string | undefined {
  const { verb, plus, space, sharp, precision } = directive;
  const format = verb === 'v' ? 'g' : verb;
  if (!'eEfFgGxXb'.includes(format)) return undefined;
  const isShort = format === 'g' || format === 'G';
  const least = isShort || 'xXb'.includes(format) ? -1 : 6;
  let text = formatFloat(value, format, precision ?? least);
  if (sharp && verb !== 'v') text = keepPoint(text, format, precision);
  const isFinite = Number.isFinite(value);
  const signed = /^[-+]/.test(text) ? text : `+${text}`;
  if (text.startsWith('+')) text = plus ? text : space ? ` ${text.slice(1)}` : text;
  else if (plus) text = signed;
  else if (space && !text.startsWith('-')) text = ` ${text}`;
  return pad(text, directive, directive.zero && isFinite);
}

/** `#` keeps a decimal point, and for g the zeros at the end. */
function keepPoint(text: string, format: string, precision: number | undefined): string {
  if (/Inf|NaN/.test(text)) return text;
  const [mantissa = '', power = ''] = text.split(/(?=[eE])/);
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`;
  if (format !== 'g' && format !== 'G') return pointed + power;
  const digits = pointed.replace(/^[-+]?0*\.?0*|\./g, '').length;
  return pointed + '0'.repeat(Math.max((precision ?? 6) - Math.max(digits, 1), 0)) + power;
}

export function formatString(value: string, directive: Directive): string | undefined {
  const { verb, sharp, plus, precision } = directive;
  switch (verb) {
    case 'v':
      return pad(sharp ? quoteBytes(value) : truncate(value, precision), directive);
    case 's':
      return pad(truncate(value, precision), directive);
    case 'q': {
      const text = truncate(value, precision);
      return pad(sharp && isRawQuotable(text) ? `\`${text}\`` : quoteBytes(text, plus), directive);
    }
    case 'x':
    case 'X':
      return pad(formatHex(value.slice(0, precision), directive), directive);
    default:
      return undefined;
  }
}

/** Bytes as hexadecimal digits; with a space apart, with `#` under 0x. */
export function formatHex(bytes: string, { verb, space, sharp }: Directive): string {
  const pairs = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'));
  const prefix = sharp && pairs.length > 0 ? '0x' : '';
  const text = prefix + pairs.join(space ? ` ${sharp ? '0x' : ''}` : '');
  return verb === 'X' ? text.toUpperCase() : text;
}

function truncate(value: string, precision: number | undefined): string {
  if (precision === undefined || countRunes(value) <= precision) return value;
  let kept = '';
  let count = 0;
  for (const { bytes } of runes(value)) {
    if (count >= precision) break;
    kept += bytes;
    count += 1;
  }
  return kept;
}

function isRawQuotable(bytes: string): boolean {
  for (const { code } of runes(bytes)) {
    if (code === undefined || code === 0x60 || code === 0xfe_ff || code === 0x7f) return false;
    if (code < 0x20 && code !== 0x09) return false;
  }
  return true;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd8_00 && code < 0xe0_00;
}

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
