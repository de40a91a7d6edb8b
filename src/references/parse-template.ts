import { LatchkeyError } from '../errors.ts';
import { isReference, parseReference } from './parse-reference.ts';
import type { Template } from './reference.ts';

/** A variable's value as Latchkey reads it. */
export type ParsedValue = PlainValue | ReferencingValue;

/** Nothing of ours: stays as it is. */
export interface PlainValue {
  readonly kind: 'plain';
}

/**
 * - `secret`: the whole value leaves `value` and becomes one key of a Secret.
 * - `helpers`: `value` also needs the kubelet, which expands `$(NAME)` only there. Each template becomes a helper
 *   variable before this one; `value` becomes the texts, as they are, with `$(HELPER)` in the templates' places.
 */
export type ReferencingValue =
  | { readonly kind: 'secret'; readonly template: Template }
  | { readonly kind: 'helpers'; readonly parts: readonly (string | { readonly template: Template })[] };

/** A text as it was written, or what stands in the place of a reference or an escape. */
type Piece = string | Template;

const PLAIN: PlainValue = Object.freeze({ kind: 'plain' });
const ESCAPED: Template = Object.freeze(['${']);
const MAX_REFERENCES = 100; // in one value; each may become a variable of its own

// Wider than our schemes: what comes this close was meant as a reference, and must not start as text.
const MENTION = /secretstore:\//i;
const WHOLE = /^\s*(?:cluster)?secretstore:\//i;
const OPENING = /\$\{\s*(?:cluster)?secretstore:\//gi;

/** Reads a whole value: one reference, or text with `${reference}` in it. Throws REF_INVALID, and nothing else. */
export function parseValue(text: string): ParsedValue {
  if (!text.includes(':/') || !MENTION.test(text)) return PLAIN;
  if (isReference(text)) return { kind: 'secret', template: [parseReference(text)] };
  if (WHOLE.test(text)) throw nearMiss('secretstore://STORE/KEY');

  const pieces = split(text);
  if (!pieces.some((piece) => typeof piece !== 'string')) return PLAIN;
  if (pieces.some((piece) => typeof piece === 'string' && holdsExpansion(piece))) {
    return { kind: 'helpers', parts: pieces.map(toPart) };
  }
  return { kind: 'secret', template: toTemplate(pieces) };
}

function split(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let start = 0;

  for (const { index } of text.matchAll(OPENING)) {
    if (index < start) continue; // inside the reference just read
    const isEscaped = dollarsBefore(text, index) % 2 === 1;
    if (isEscaped && isReference(text, index + 2)) {
      pieces.push(text.slice(start, index - 1), ESCAPED);
      start = index + 2;
    } else if (!isEscaped) {
      if (!isReference(text, index + 2)) throw nearMiss('${secretstore://STORE/KEY}');
      const end = findClosingBrace(text, index + 2);
      pieces.push(text.slice(start, index), [parseReference(text.slice(index + 2, end))]);
      start = end + 1;
    }
    if (pieces.length > 2 * MAX_REFERENCES) throw tooMany();
  }

  pieces.push(text.slice(start));
  return pieces.filter((piece) => piece !== '');
}

/** `$$` is one `$`, so `${` is meant only after an even number of them. */
function dollarsBefore(text: string, index: number): number {
  let first = index;
  while (text[first - 1] === '$') first -= 1;
  return index - first;
}

/** Braces inside a reference come in pairs, as in the property `{user,password}`. */
function findClosingBrace(text: string, start: number): number {
  const brace = /[{}]/g;
  brace.lastIndex = start;
  let depth = 1;
  for (let found = brace.exec(text); found !== null; found = brace.exec(text)) {
    depth += found[0] === '{' ? 1 : -1;
    if (depth === 0) return found.index;
  }
  throw new LatchkeyError('REF_INVALID', 'a reference that begins with ${ has no closing brace', {
    hint: 'Write ${secretstore://STORE/KEY}, with %7B and %7D for single braces inside it',
  });
}

/** Whether the kubelet has work here: `$(NAME)`, or `$$(NAME)`, which it turns into `$(NAME)`. */
function holdsExpansion(text: string): boolean {
  const opening = text.indexOf('$(');
  return opening >= 0 && text.includes(')', opening);
}

function toPart(piece: Piece): string | { readonly template: Template } {
  return typeof piece === 'string' ? escapeUnclosed(piece) : { template: piece };
}

/** Doubles the `$` of a `$(` without `)`: to the kubelet both are text, but a bare one would swallow the helper behind it. */
function escapeUnclosed(text: string): string {
  const tail = text.lastIndexOf(')') + 1;
  const escaped = text.slice(tail).replaceAll(/\$\$|\$\(/g, (found) => (found === '$(' ? '$$(' : found));
  return text.slice(0, tail) + escaped;
}

/** Undoes `$$` as the kubelet would, and joins neighbouring texts. */
function toTemplate(pieces: readonly Piece[]): Template {
  const template: Template[number][] = [];
  for (const piece of pieces) {
    const [part] = typeof piece === 'string' ? [piece.replaceAll('$$', () => '$')] : piece;
    if (part === undefined) continue;
    const last = template.at(-1);
    if (typeof part === 'string' && typeof last === 'string') template.splice(-1, 1, last + part);
    else template.push(part);
  }
  return template;
}

// Neither quotes the value: what surrounds a reference may be secret.
function nearMiss(form: string): LatchkeyError {
  return new LatchkeyError('REF_INVALID', 'a value looks like a reference, but does not begin like one', {
    hint: `Write ${form}, in lower case and without spaces`,
  });
}

function tooMany(): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `a value holds more than ${MAX_REFERENCES} references`, {
    hint: 'Divide it among several variables',
  });
}
