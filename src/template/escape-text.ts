import { isPrintable, runes } from './go-quoted.ts';

/** Go's template.HTMLEscapeString. */
export function escapeHtml(bytes: string): string {
  return bytes.replaceAll(/[\0"'&<>]/g, (character) => HTML[character] ?? character);
}

/** Go's template.JSEscapeString: for the inside of a quoted string. */
export function escapeJs(bytes: string): string {
  let text = '';
  for (const { code, bytes: raw } of runes(bytes)) {
    const isShown = code === undefined || (code >= 0x20 && (code < 0x80 || isPrintable(code)));
    text += JS[raw] ?? (isShown ? raw : toHex(code));
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

function toHex(code: number): string {
  return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
