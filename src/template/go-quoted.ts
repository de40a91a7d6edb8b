import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** A byte string in Go's double quotes, as strconv.Quote writes it; `asciiOnly` as strconv.QuoteToASCII. */
export function quoteBytes(bytes: string, asciiOnly = false): string {
  return `"${escapeBytes(bytes, '"', asciiOnly)}"`;
}

/** Text in Go's double quotes, for a message. */
export function quoteText(text: string): string {
  return decodeUtf8(quoteBytes(encodeUtf8(text)));
}

/** One code point in single quotes, as `%q` of an integer. */
export function quoteRune(code: number, asciiOnly = false): string {
  const valid = code >= 0 && code <= 0x10_ff_ff && !isSurrogate(code) ? code : 0xff_fd;
  return `'${escapeRune(valid, "'", asciiOnly)}'`;
}

const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

function escapeBytes(bytes: string, quote: string, asciiOnly: boolean): string {
  let text = '';
  for (const { code, bytes: raw } of runes(bytes)) {
    text +=
      code === undefined ? `\\x${raw.charCodeAt(0).toString(16).padStart(2, '0')}` : escapeRune(code, quote, asciiOnly);
  }
  return text;
}

function escapeRune(code: number, quote: string, asciiOnly: boolean): string {
  const rune = String.fromCodePoint(code);
  if (rune === quote) return `\\${rune}`;
  const short = SHORT[rune];
  if (short !== undefined) return short;
  if (isPrintable(code) && (!asciiOnly || code < 0x80)) return encodeUtf8(rune);
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x1_00_00 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Go's strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(code: number): boolean {
  return code === 0x20 || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(String.fromCodePoint(code));
}

export interface Rune {
  /** Absent: a byte that is no UTF-8. */
  readonly code: number | undefined;
  readonly bytes: string;
}

/** The code points of a byte string, one by one, as Go's `range` over a string has them. */
export function* runes(bytes: string): Generator<Rune> {
  for (let at = 0; at < bytes.length; ) {
    const size = sizeOf(bytes, at);
    const raw = bytes.slice(at, at + Math.max(size, 1));
    yield {
      code: size === 0 ? undefined : Buffer.from(raw, 'latin1').toString('utf8').codePointAt(0),
      bytes: raw,
    };
    at += raw.length;
  }
}

/** As many as `runes` gives. */
export function countRunes(bytes: string): number {
  let count = 0;
  for (let at = 0; at < bytes.length; count += 1) at += Math.max(sizeOf(bytes, at), 1);
  return count;
}

/** How many bytes the code point at this place takes; 0 where it is not valid UTF-8. */
function sizeOf(bytes: string, at: number): number {
  const first = bytes.charCodeAt(at);
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + size > bytes.length) return 0;
  for (let next = at + 1; next < at + size; next += 1) {
    if ((bytes.charCodeAt(next) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes.charCodeAt(at + 1);
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  return first === 0xf4 && second > 0x8f ? 0 : size;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd8_00 && code < 0xe0_00;
}
