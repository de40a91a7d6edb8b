import { isUtf8 } from 'node:buffer';
import { runes } from '../go-quoted.ts';

const REPLACEMENT = 0xff_fd;
const MAX_SIZE = 4;

/** The runes of a byte string, each as its bytes. A byte that is no UTF-8 stays as it is. */
export function splitRunes(bytes: string): readonly string[] {
  return isAscii(bytes) ? bytes.split('') : Array.from(runes(bytes), (rune) => rune.bytes);
}

/** The rune that begins at an offset: its bytes, or a single byte that is no UTF-8. */
export function runeAt(bytes: string, at: number): string {
  return splitRunes(bytes.slice(at, at + MAX_SIZE))[0] ?? '';
}

/** The rune that ends at an offset, found as Go finds it: backwards to the next byte that may begin one. */
export function runeBefore(bytes: string, end: number): string {
  for (let at = end - 1; at >= 0 && at >= end - MAX_SIZE; at -= 1) {
    if (isContinuation(bytes.charCodeAt(at))) continue;
    const rune = runeAt(bytes, at);
    return at + rune.length === end ? rune : bytes.slice(end - 1, end);
  }
  return bytes.slice(Math.max(end - 1, 0), end);
}

/** A byte string as JavaScript's text. Each byte that is no UTF-8 becomes U+FFFD, as in Go's conversion to runes. */
export function decodeRunes(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return Array.from(runes(bytes), ({ code }) => String.fromCodePoint(code ?? REPLACEMENT)).join('');
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}
