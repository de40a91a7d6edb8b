import { type Directive, pad, PLAIN } from './format-directive.ts';
import { formatBoolean, formatFloating, formatHex, formatInteger, formatString } from './format-scalar.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, type GoStruct, type GoValue } from './value.ts';

/** Go's `%v` of one value, as a byte string. Nil is `<nil>`. */
export function formatValue(value: GoValue): string {
  return formatWith(value, PLAIN);
}

const MAX_DEPTH = 200; // maps and lists that functions made may be nested as deep as they please

/** One value by one directive; what the verb does not fit is said in the text, as Go does it. */
export function formatWith(value: GoValue, directive: Directive, depth = 0): string {
  const { verb } = directive;
  if (depth > MAX_DEPTH) return '…';
  if (verb === 'T') return formatString(typeName(value), { ...directive, verb: 's' }) ?? '';
  if (verb === 'p') return badVerb(value, directive, depth);
  if (value === null) return formatNil(directive, depth);
  return formatKnown(value, directive, depth) ?? badVerb(value, directive, depth);
}

function formatNil(directive: Directive, depth: number): string {
  const { verb, sharp } = directive;
  // Inside of something it is the nil of an interface, whatever the verb.
  if (depth > 0) return verb === 'v' && sharp ? 'interface {}(nil)' : '<nil>';
  return verb === 'v' ? pad('<nil>', directive, false) : `%!${verb}(<nil>)`;
}

function formatKnown(value: Exclude<GoValue, null>, directive: Directive, depth: number): string | undefined {
  if (typeof value === 'boolean') return formatBoolean(value, directive);
  if (typeof value === 'number') return formatFloating(value, directive);
  if (typeof value === 'string') return formatString(value, directive);
  if (value instanceof GoInt) return formatIntegerOf(value, directive);
  if (value instanceof GoList) return formatList(value, directive, depth);
  if (value instanceof GoMap) return formatMap(value, directive, depth);
  return formatStruct(value, directive, depth);
}

function formatIntegerOf({ value, kind }: GoInt, directive: Directive): string | undefined {
  const isHexShown = directive.verb === 'v' && directive.sharp && kind.startsWith('u');
  return formatInteger(value, isHexShown ? { ...directive, verb: 'x' } : directive);
}

function formatList(list: GoList, directive: Directive, depth: number): string {
  const { verb, sharp } = directive;
  const isBytes = list.elem === 'uint8';
  if (isBytes && 'sqxX'.includes(verb)) {
    const bytes = list.items
      .map((item) => String.fromCharCode(Number(item instanceof GoInt ? item.value : 0)))
      .join('');
    return verb === 'x' || verb === 'X'
      ? pad(formatHex(bytes.slice(0, directive.precision), directive), directive)
      : (formatString(bytes, directive) ?? '');
  }
  const items = list.items.map((item) => formatWith(item, directive, depth + 1));
  return verb === 'v' && sharp ? `${typeName(list)}{${items.join(', ')}}` : `[${items.join(' ')}]`;
}

/** Keys in the order of their bytes. */
function formatMap(map: GoMap, directive: Directive, depth: number): string {
  const sorted = [...map.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const isSyntax = directive.verb === 'v' && directive.sharp;
  const items = sorted.map(([key, value]) => {
    return `${formatWith(key, directive, depth + 1)}:${formatWith(value, directive, depth + 1)}`;
  });
  return isSyntax ? `${typeName(map)}{${items.join(', ')}}` : `map[${items.join(' ')}]`;
}

function formatStruct(struct: GoStruct, directive: Directive, depth: number): string {
  const { verb, plusV, sharp } = directive;
  if (struct.text !== undefined && !(verb === 'v' && sharp) && 'vsqxX'.includes(verb)) {
    return formatString(struct.text, directive) ?? '';
  }
  const isNamed = verb === 'v' && (plusV || sharp);
  const fields = Array.from(struct.fields, ([name, value]) => {
    const text = formatWith(value, directive, depth + 1);
    return isNamed ? `${name}:${text}` : text;
  });
  const isPointer = struct.type.startsWith('*');
  const body = `{${fields.join(verb === 'v' && sharp ? ', ' : ' ')}}`;
  return `${isPointer ? '&' : ''}${verb === 'v' && sharp ? struct.type.replace(/^\*/, '') : ''}${body}`;
}

/** `%!d(string=x)`. The value is in the text, as in Go: it goes where the template's output goes. */
function badVerb(value: GoValue, directive: Directive, depth: number): string {
  const { verb } = directive;
  if (value === null) return `%!${verb}(<nil>)`;
  return `%!${verb}(${typeName(value)}=${formatWith(value, { ...directive, verb: 'v', sharp: false }, depth)})`;
}
