import { type Directive, pad } from './format-directive.ts';
import { isPrintable, quoteRune } from './go-quoted.ts';
import { encodeUtf8 } from './utf8.ts';

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, v: 10, w: 10, x: 16, X: 16 };
const REPLACEMENT = 0xff_fd;

/** An integer by a directive; `undefined` for a verb that integers do not have. */
export function formatInteger(value: bigint, directive: Directive): string | undefined {
  const { verb, plus } = directive;
  switch (verb) {
    case 'c':
      return pad(encodeUtf8(String.fromCodePoint(runeOf(value))), directive);
    case 'q':
      return pad(quoteRune(runeOf(value), plus), directive);
    case 'U':
      return pad(formatUnicode(value, directive), { ...directive, zero: false });
    default: {
      const radix = RADIX[verb];
      return radix === undefined ? undefined : formatDigits(value, radix, directive);
    }
  }
}

function formatDigits(value: bigint, radix: number, directive: Directive): string {
  const { verb, precision, width, minus, zero, plus, space } = directive;
  if (precision === 0 && value === 0n) return ' '.repeat(width ?? 0);
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : '';
  // Zeros leave room for the sign, not for a prefix; a precision takes their place.
  const isFilled = precision === undefined && zero && !minus && width !== undefined;
  const least = isFilled ? width - sign.length : (precision ?? 0);
  const size = (value < 0n ? -value : value).toString(radix);
  const digits = (verb === 'X' ? size.toUpperCase() : size).padStart(least, '0');
  return pad(sign + withPrefix(digits, radix, directive), { ...directive, zero: false });
}

function withPrefix(digits: string, radix: number, { verb, sharp }: Directive): string {
  let text = digits;
  if (sharp && radix === 2) text = `0b${digits}`;
  if (sharp && radix === 8 && !digits.startsWith('0')) text = `0${digits}`;
  if (sharp && radix === 16) text = (verb === 'X' ? '0X' : '0x') + digits;
  return verb === 'O' ? `0o${text}` : text;
}

function formatUnicode(value: bigint, { sharp, precision }: Directive): string {
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const text = `U+${hex.padStart(Math.max(precision ?? 0, 4), '0')}`;
  const isShown = sharp && value >= 0n && value <= 0x10_ff_ffn && isPrintable(Number(value));
  return isShown ? `${text} '${encodeUtf8(String.fromCodePoint(Number(value)))}'` : text;
}

function runeOf(value: bigint): number {
  const isRune = value >= 0n && value <= 0x10_ff_ffn && !(value >= 0xd8_00n && value < 0xe0_00n);
  return isRune ? Number(value) : REPLACEMENT;
}
