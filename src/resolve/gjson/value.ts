import { formatNumber, parseNumber } from './number.ts';

/**
 * A piece of JSON source text. All text in this folder is a *byte string*, one character a byte (latin1), so that slices
 * keep every byte as it was sent, valid UTF-8 or not, and comparisons order as Go's do.
 */
export interface Value {
  readonly kind: 'string' | 'number' | 'true' | 'false' | 'null' | 'container';
  readonly raw: string;
}

export function isObject(value: Value): boolean {
  return value.kind === 'container' && value.raw.startsWith('{');
}

export function isArray(value: Value): boolean {
  return value.kind === 'container' && value.raw.startsWith('[');
}

/** What a user gets: strings decoded, containers and whole numbers as they were sent, null as nothing. */
export function textOf(value: Value): string {
  switch (value.kind) {
    case 'string':
      return unescape(value.raw.slice(1, -1));
    case 'number':
      return /^-?\d*$/.test(value.raw) ? value.raw : formatNumber(parseNumber(value.raw));
    case 'true':
    case 'false':
      return value.kind;
    case 'null':
      return '';
    case 'container':
      return value.raw;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

// the last: control characters, which in a byte string are all outside this range
const ESCAPE_OR_CONTROL = /\\u([dD][89a-fA-F]..)\\u(.{4})|\\u(.{4})|\\([^u])|\\|[^ -\xff]/gs;

/** Undoes JSON's escapes. Like gjson it ends at what JSON forbids: a control character or an unknown escape. */
export function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  let plain = '';
  let at = 0;
  for (const match of text.matchAll(ESCAPE_OR_CONTROL)) {
    const [whole, high, low, code, letter] = match;
    const character = decodeEscape(high, low, code, letter);
    plain += text.slice(at, match.index);
    if (character === undefined) return plain;
    plain += character;
    at = match.index + whole.length;
  }
  return plain + text.slice(at);
}

function decodeEscape(high?: string, low?: string, code?: string, letter?: string): string | undefined {
  if (high !== undefined && low !== undefined) {
    const pair = String.fromCharCode(hex(high), hex(low));
    return utf8(pair.isWellFormed() ? pair : '\uFFFD');
  }
  if (code !== undefined) return utf8(String.fromCharCode(hex(code)));
  return letter === undefined ? undefined : ESCAPES[letter];
}

function hex(digits: string): number {
  return /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : 0;
}

/** The byte string of a character; half a surrogate pair becomes U+FFFD. */
function utf8(character: string): string {
  return Buffer.from(character, 'utf8').toString('latin1');
}
