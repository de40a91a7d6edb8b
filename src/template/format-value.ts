import { type Directive, pad, PLAIN } from './format-directive.ts';
import { formatFloating } from './format-floating.ts';
import { formatInteger } from './format-integer.ts';
import { formatString } from './format-string.ts';
import { PrintLimit } from './print-limit.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from './value.ts';

/** Go's `%v` of one value, as a byte string. Nil is `<nil>`. Throws TemplateError where that is too large or too deep. */
export function formatValue(value: GoValue): string {
  return formatWith(value, PLAIN, new PrintLimit());
}

/** One value by one directive; what the verb does not fit is said in the text, as Go does it. */
export function formatWith(value: GoValue, directive: Directive, limit: PrintLimit): string {
  const { verb } = directive;
  if (value === null) return limit.take(verb === 'v' || verb === 'T' ? pad('<nil>', directive) : `%!${verb}(<nil>)`);
  if (verb === 'T') return formatString(typeName(value), { ...directive, verb: 's' }) ?? '';
  const isBytes = value instanceof GoList && value.elem === 'uint8' && verb === 'v' && directive.sharpV;
  const text = verb === 'p' ? formatPointer(value, directive) : formatKnown(value, directive, limit, 0);
  if (text === undefined) return badVerb(value, directive, limit);
  return isBytes ? text.replace('[]uint8', '[]byte') : text;
}

function formatKnown(
  value: Exclude<GoValue, null>,
  directive: Directive,
  limit: PrintLimit,
  depth: number,
): string | undefined {
  if (value instanceof GoList) return directive.verb === 'w' ? undefined : formatList(value, directive, limit, depth);
  if (value instanceof GoMap) return directive.verb === 'w' ? undefined : formatMap(value, directive, limit, depth);
  if (value instanceof GoStruct) return formatStruct(value, directive, limit, depth);
  const text = formatScalar(value, directive);
  return text === undefined ? undefined : limit.take(text);
}

function formatScalar(value: boolean | number | string | GoInt, directive: Directive): string | undefined {
  const { verb, sharpV } = directive;
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? pad(String(value), directive) : undefined;
  if (typeof value === 'number') return formatFloating(value, directive);
  if (typeof value === 'string') return formatString(value, directive);
  if (verb === 'w') return undefined;
  const isHex = verb === 'v' && sharpV && value.kind.startsWith('u');
  return formatInteger(value.value, isHex ? { ...directive, verb: 'x', sharp: true } : directive);
}

/** Something inside of something else. */
function formatElement(value: GoValue, directive: Directive, limit: PrintLimit, depth: number): string {
  limit.checkDepth(depth);
  // The nil of an interface, whatever the verb.
  if (value === null) return limit.take(directive.sharpV && directive.verb === 'v' ? 'interface {}(nil)' : '<nil>');
  return formatKnown(value, directive, limit, depth) ?? badVerb(value, directive, limit, depth);
}

function formatList(list: GoList, directive: Directive, limit: PrintLimit, depth: number): string {
  if (list.elem === 'uint8' && 'sqxX'.includes(directive.verb)) {
    return limit.take(formatString(bytesOf(list), directive) ?? '');
  }
  const items = list.items.map((item) => formatElement(item, directive, limit, depth + 1));
  return limit.take(isSyntax(directive) ? `${typeName(list)}{${items.join(', ')}}` : `[${items.join(' ')}]`);
}

/** Keys in the order of their bytes. */
function formatMap(map: GoMap, directive: Directive, limit: PrintLimit, depth: number): string {
  const sorted = [...map.entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const items = sorted.map(([key, value]) => {
    const name = formatElement(key, directive, limit, depth + 1);
    return `${name}:${formatElement(value, directive, limit, depth + 1)}`;
  });
  return limit.take(isSyntax(directive) ? `${typeName(map)}{${items.join(', ')}}` : `map[${items.join(' ')}]`);
}

function formatStruct(struct: GoStruct, directive: Directive, limit: PrintLimit, depth: number): string | undefined {
  const { verb, plusV, sharpV } = directive;
  if (struct.text !== undefined && !sharpV && 'vsqxX'.includes(verb)) {
    return limit.take(formatString(struct.text, directive) ?? '');
  }
  if (verb === 'w') return undefined;
  const isPointer = struct.type.startsWith('*');
  if (isPointer && depth > 0) return formatPointer(struct, { ...directive, verb: 'p' });
  const isNamed = verb === 'v' && (plusV || sharpV);
  const fields = Array.from(struct.fields, ([name, value]) => {
    const text = formatElement(value, directive, limit, depth + 1);
    return isNamed ? `${name}:${text}` : text;
  });
  const name = isSyntax(directive) ? struct.type.replace(/^\*/, '') : '';
  return limit.take(`${isPointer ? '&' : ''}${name}{${fields.join(isSyntax(directive) ? ', ' : ' ')}}`);
}

/** Nothing here has an address; what Go prints would be another one each time. */
function formatPointer(value: GoValue, { sharp }: Directive): string | undefined {
  const isPointer = value instanceof GoStruct && value.type.startsWith('*');
  if (!isPointer && !(value instanceof GoList || value instanceof GoMap)) return undefined;
  return sharp ? 'c000000000' : '0xc000000000';
}

/** `%!d(string=x)`. The value is in the text, as in Go: it goes where the template's output goes. */
function badVerb(value: Exclude<GoValue, null>, directive: Directive, limit: PrintLimit, depth = 0): string {
  limit.checkDepth(depth);
  const text = formatKnown(value, { ...directive, verb: 'v' }, limit, depth);
  return limit.take(`%!${directive.verb}(${typeName(value)}=${text})`);
}

function isSyntax({ verb, sharpV }: Directive): boolean {
  return verb === 'v' && sharpV;
}

function bytesOf({ items }: GoList): string {
  return items.map((item) => String.fromCharCode(item instanceof GoInt ? Number(item.value) : 0)).join('');
}
