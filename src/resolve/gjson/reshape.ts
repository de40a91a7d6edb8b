import { type Context, parseValue } from './computed.ts';
import { elements, type Member, members } from './scan.ts';
import { trim } from './trim.ts';
import { isArray, isObject, textOf, unescape, type Value } from './value.ts';

// The modifiers that turn arrays and objects into others. Each takes JSON text and answers with JSON text.

export function keys(json: string, _argument: string, context: Context): string {
  const value = parseValue(json);
  if (value === undefined) return '[]';
  if (isObject(value)) return list(membersOf(value, context).map(({ key }) => `"${key}"`));
  return list(isArray(value) ? elementsOf(value, context).map(() => 'null') : ['null']);
}

export function values(json: string, _argument: string, context: Context): string {
  const value = parseValue(json);
  if (value === undefined) return '[]';
  if (isArray(value)) return json;
  return list(isObject(value) ? membersOf(value, context).map((member) => member.value.raw) : [value.raw]);
}

export function reverse(json: string, _argument: string, context: Context): string {
  const value = parseValue(json);
  if (value !== undefined && isArray(value)) return list(rawElements(value, context).toReversed());
  if (value === undefined || !isObject(value)) return json;
  return object(membersOf(value, context).toReversed().map(pair));
}

/** `[1,[2,[3]]]` → `[1,2,[3]]`; all levels with `{"deep":true}`. */
export function flatten(json: string, argument: string, context: Context): string {
  const value = parseValue(json);
  if (value === undefined || !isArray(value)) return json;
  const deep = option(argument, 'deep', context);
  return list(flatElements(value, deep, context).filter((part) => part !== ''));
}

function flatElements(value: Value, deep: boolean, context: Context): string[] {
  return elementsOf(value, context).map((element) => {
    if (!isArray(element)) return element.raw;
    if (!deep) return trim(unwrap(element.raw));
    return context.budget.nest(() =>
      flatElements(element, deep, context)
        .filter((part) => part !== '')
        .join(','),
    );
  });
}

/** Many objects into one. Of equal keys the last value wins, unless `{"preserve":true}` keeps them all. */
export function join(json: string, argument: string, context: Context): string {
  const value = parseValue(json);
  if (value === undefined || !isArray(value)) return json;
  const objects = elementsOf(value, context).filter(isObject);
  if (option(argument, 'preserve', context)) return object(objects.map(({ raw }) => unwrap(raw)));
  const joined = new Map<string, Member>();
  for (const member of objects.flatMap((one) => membersOf(one, context))) {
    const name = unescape(member.key);
    joined.set(name, { key: joined.get(name)?.key ?? member.key, value: member.value });
  }
  return object([...joined.values()].map(pair));
}

/** `{"a":[1,2],"b":[3,4]}` → `[{"a":1,"b":3},{"a":2,"b":4}]`. */
export function group(json: string, _argument: string, context: Context): string {
  const value = parseValue(json);
  if (value === undefined || !isObject(value)) return '';
  const rows: string[][] = [];
  for (const member of membersOf(value, context)) {
    if (!isArray(member.value)) continue;
    for (const [index, raw] of rawElements(member.value, context).entries()) {
      (rows[index] ??= []).push(`"${member.key}":${raw}`);
    }
  }
  return list(rows.map(object));
}

/** `@dig:path`: what the path finds in the value and in everything inside it. */
export function dig(json: string, path: string, context: Context): string {
  const found: string[] = [];
  const value = parseValue(json);
  if (value !== undefined) digInto(value, path, context, found);
  return list(found);
}

function digInto(value: Value, path: string, context: Context, found: string[]): void {
  const here = context.get(value.raw, path);
  if (here !== undefined) found.push(here.raw);
  const inside = isObject(value) ? membersOf(value, context).map((member) => member.value) : elementsOf(value, context);
  context.budget.nest(() => {
    for (const child of inside) digInto(child, path, context, found);
  });
}

function option(argument: string, name: string, context: Context): boolean {
  const options = parseValue(argument);
  if (options === undefined || !isObject(options)) return false;
  const value = membersOf(options, context).findLast((member) => unescape(member.key) === name)?.value;
  return value !== undefined && /^(true|t|1)$/i.test(textOf(value));
}

function membersOf(value: Value, { budget }: Context): Member[] {
  return [...members(value.raw, 0, budget)].filter((member) => member !== undefined);
}

function elementsOf(value: Value, { budget }: Context): Value[] {
  if (!isArray(value)) return [];
  return [...elements(value.raw, 1, budget)].filter((element) => element !== undefined);
}

function rawElements(value: Value, context: Context): string[] {
  return elementsOf(value, context).map(({ raw }) => raw);
}

function pair({ key, value }: Member): string {
  return `"${key}":${value.raw}`;
}

function list(parts: readonly string[]): string {
  return `[${parts.join(',')}]`;
}

function object(parts: readonly string[]): string {
  return `{${parts.join(',')}}`;
}

/** The text between the outer brackets. */
function unwrap(raw: string): string {
  return raw.slice(1, -1);
}
