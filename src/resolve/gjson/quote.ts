const MUST_ESCAPE = /["\\<>&]|[^ -\xff]|\xe2\x80[\xa8\xa9]/g;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\xe2\x80\xa8': '\\u2028',
  '\xe2\x80\xa9': '\\u2029',
};

/** A byte string as Go writes it in JSON: `<`, `>`, `&` and the two line separators escaped. Bytes that are no UTF-8 become U+FFFD. */
export function quote(text: string): string {
  const valid = Buffer.from(text, 'latin1').toString('utf8');
  const bytes = Buffer.from(valid, 'utf8').toString('latin1');
  return `"${bytes.replaceAll(MUST_ESCAPE, escape)}"`;
}

function escape(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
