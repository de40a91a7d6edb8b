import { encodeUtf8 } from './utf8.ts';

/**
 * Undoes Go's quoting of a string (`"…"` or `` `…` ``) or a character (`'…'`) in a template's text. Gives a byte string, and
 * `undefined` for what Go calls invalid syntax.
 */
export function unquote(quoted: string): string | undefined {
  const body = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return encodeUtf8(body.replaceAll('\r', ''));
  let bytes = '';
  const quote = quoted[0] ?? '';
  for (let at = 0; at < body.length; ) {
    const next = unescapeOne(body, at, quote);
    if (next === undefined) return undefined;
    bytes += next.bytes;
    at = next.end;
  }
  return bytes;
}

/** The code point of a constant `'x'`, and whether it is the only one. `undefined` for what Go calls invalid syntax. */
export function unquoteCharacter(quoted: string): { readonly code: number; readonly isAlone: boolean } | undefined {
  const body = quoted.slice(1, -1);
  const one = body === '' ? undefined : unescapeOne(body, 0, "'");
  return one === undefined ? undefined : { code: one.code, isAlone: one.end === body.length };
}

interface Unescaped {
  readonly bytes: string;
  readonly code: number;
  readonly end: number;
}

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function unescapeOne(text: string, at: number, quote: string): Unescaped | undefined {
  if (text[at] !== '\\') {
    const code = text.codePointAt(at) ?? 0;
    const rune = String.fromCodePoint(code);
    return rune === quote || rune === '\n' ? undefined : { bytes: encodeUtf8(rune), code, end: at + rune.length };
  }
  const letter = text[at + 1] ?? '';
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { bytes: String.fromCharCode(simple), code: simple, end: at + 2 };
  if (letter === '"' || letter === "'") {
    return letter === quote ? { bytes: letter, code: letter.charCodeAt(0), end: at + 2 } : undefined;
  }
  if (/[0-7]/.test(letter)) return byCode(text, at + 1, 3, 8, true);
  const digits = HEX_DIGITS[letter];
  return digits === undefined ? undefined : byCode(text, at + 2, digits, 16, letter === 'x');
}

function byCode(text: string, from: number, digits: number, radix: 8 | 16, isByte: boolean): Unescaped | undefined {
  const source = text.slice(from, from + digits);
  const wanted = radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/;
  if (source.length < digits || !wanted.test(source)) return undefined;
  const code = Number.parseInt(source, radix);
  const end = from + digits;
  if (isByte) return code > 255 ? undefined : { bytes: String.fromCharCode(code), code, end };
  if (code > 0x10_ff_ff || (code >= 0xd8_00 && code < 0xe0_00)) return undefined;
  return { bytes: encodeUtf8(String.fromCodePoint(code)), code, end };
}
