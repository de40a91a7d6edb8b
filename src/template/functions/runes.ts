import { isUtf8 } from 'node:buffer';
import { runes } from '../go-quoted.ts';

const REPLACEMENT = 0xff_fd;

/** The runes of a byte string, each as its bytes. A byte that is no UTF-8 stays as it is. */
export function splitRunes(bytes: string): readonly string[] {
  return isAscii(bytes) ? bytes.split('') : Array.from(runes(bytes), (rune) => rune.bytes);
}

/** A byte string as JavaScript's text. Each byte that is no UTF-8 becomes U+FFFD, as in Go's conversion to runes. */
export function decodeRunes(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return Array.from(runes(bytes), ({ code }) => String.fromCodePoint(code ?? REPLACEMENT)).join('');
}

/** The byte string of JavaScript's text. */
export function encodeRunes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}
