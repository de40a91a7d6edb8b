import { isMapping } from '../fields.ts';

/** A JSON number as it was written, so that `12345678901234567890` and `1.50` arrive as they were stored. */
export class JsonNumber {
  readonly literal: string;

  constructor(literal: string) {
    this.literal = literal;
  }
}

/** Parses JSON with numbers as JsonNumber. Throws on anything else, or on nesting that exhausts the stack. */
export function parseJson(text: string): unknown {
  // The third argument is newer than the compiler's library, hence optional here.
  return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value,
  );
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return isMapping(value) && !(value instanceof JsonNumber);
}

export interface GoJsonOptions {
  /** What Go's `SetEscapeHTML(false)` turns off; on otherwise. */
  readonly escapesHtml?: boolean;
}

/** JSON as Go's encoding/json writes it: compact, keys in byte order, `<`, `>` and `&` escaped. */
export function toGoJson(value: unknown, options: GoJsonOptions = {}): string {
  if (value instanceof JsonNumber) return value.literal;
  if (typeof value === 'string') return quote(value, options);
  if (Array.isArray(value)) return `[${value.map((item) => toGoJson(item, options)).join(',')}]`;
  if (!isMapping(value)) return String(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, member]) => `${quote(name, options)}:${toGoJson(member, options)}`);
  return `{${members.join(',')}}`;
}

/** As External Secrets makes text of a parsed value: text as it is, null empty, numbers without exponent, all else JSON. */
export function toGoText(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return value instanceof JsonNumber ? plainNumber(value) : toGoJson(value);
}

/** Go's `strconv.FormatFloat(x, 'f', -1, 64)`; whole numbers stay as they were written, of any size. */
export function plainNumber({ literal }: JsonNumber): string {
  if (/^-?\d+$/.test(literal)) return literal;
  const text = String(Number(literal));
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (parts === null) return text;

  const [, sign = '', first = '', rest = '', exponent = '0'] = parts;
  const digits = first + rest;
  const places = Number(exponent);
  return places < 0
    ? `${sign}0.${digits.padStart(digits.length - places - 1, '0')}`
    : sign + digits.padEnd(places + 1, '0');
}

const ALWAYS_ESCAPED = /[\u2028\u2029]/g;
const HTML_ESCAPED = /[<>&\u2028\u2029]/g;

function quote(text: string, { escapesHtml = true }: GoJsonOptions): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    escapesHtml ? HTML_ESCAPED : ALWAYS_ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
