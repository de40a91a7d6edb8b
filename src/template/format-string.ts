import { type Directive, pad } from './format-directive.ts';
import { quoteBytes, runes } from './go-quoted.ts';

/** A byte string by a directive; `undefined` for a verb that strings do not have. */
export function formatString(value: string, directive: Directive): string | undefined {
  const { verb, sharpV, precision } = directive;
  switch (verb) {
    case 'v':
      return sharpV ? formatQuoted(value, directive) : pad(truncate(value, precision), directive);
    case 's':
      return pad(truncate(value, precision), directive);
    case 'q':
      return formatQuoted(value, directive);
    case 'x':
    case 'X':
      return pad(formatHex(value.slice(0, precision), directive), directive);
    default:
      return undefined;
  }
}

function formatQuoted(value: string, directive: Directive): string {
  const { sharp, plus, precision } = directive;
  const text = truncate(value, precision);
  return pad(sharp && isRawQuotable(text) ? `\`${text}\`` : quoteBytes(text, plus), directive);
}

/** Bytes as hexadecimal digits; with a space apart, with `#` under 0x. */
function formatHex(bytes: string, { verb, space, sharp }: Directive): string {
  const hex = Buffer.from(bytes, 'latin1').toString('hex');
  const apart = space ? hex.replaceAll(/..(?!$)/g, sharp ? '$& 0x' : '$& ') : hex;
  const text = sharp && hex !== '' ? `0x${apart}` : apart;
  return verb === 'X' ? text.toUpperCase() : text;
}

/** To so many runes. */
function truncate(value: string, precision: number | undefined): string {
  if (precision === undefined || value.length <= precision) return value;
  let end = 0;
  let count = 0;
  for (const { bytes } of runes(value)) {
    if (count >= precision) break;
    end += bytes.length;
    count += 1;
  }
  return value.slice(0, end);
}

function isRawQuotable(bytes: string): boolean {
  for (const { code } of runes(bytes)) {
    if (code === undefined || code === 0x60 || code === 0xfe_ff || code === 0x7f) return false;
    if (code < 0x20 && code !== 0x09) return false;
  }
  return true;
}
