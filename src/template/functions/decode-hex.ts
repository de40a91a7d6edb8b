import { isPrintable } from '../go-quoted.ts';
import { encodeUtf8 } from '../utf8.ts';

/** The bytes of hexadecimal digits, or the text of Go's error: which byte is no digit, or that one is missing. */
export function decodeHex(text: string): string {
  const wrong = text.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) return `encoding/hex: invalid byte: ${describe(text.charCodeAt(wrong))}`;
  if (text.length % 2 === 1) return 'encoding/hex: odd length hex string';
  return Buffer.from(text, 'hex').toString('latin1');
}

/** Go's `%#U`, which takes the byte for a code point. */
function describe(byte: number): string {
  const name = `U+${byte.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrintable(byte) ? `${name} '${encodeUtf8(String.fromCharCode(byte))}'` : name;
}
