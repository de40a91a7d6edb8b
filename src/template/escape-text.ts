import { isPrintable, runes } from './go-quoted.ts';

/** Go's template.HTMLEscapeString. */
export function escapeHtml(bytes: string): string {
  return bytes.replaceAll(/[\0"'&<>]/g, (character) => HTML[character] ?? character);
}

/** Go's template.JSEscapeString: for the inside of a quoted string. */
export function escapeJs(bytes: string): string {
  let text = '';
  for (const { code, bytes: raw } of runes(bytes)) {
    const special = JS[raw];
    if (special !== undefined) text += special;
    else if (code === undefined) text += '\\uFFFD';
    else if (code < 0x20 || (code > 0x7f && !isPrintable(code)) || code === 0x7f) text += toHex(code, code < 0x80);
    else text += raw;
  }
  return text;
}

/** Go's url.QueryEscape. */
export function escapeQuery(bytes: string): string {
  return bytes.replaceAll(/[^A-Za-z0-9_.~-]/g, (byte) => {
    return byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

const HTML: Readonly<Record<string, string>> = {
  '\0': '\u00ef\u00bf\u00bd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

function toHex(code: number, isAscii: boolean): string {
  const hex = code.toString(16).toUpperCase();
  return isAscii ? `\\u00${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
