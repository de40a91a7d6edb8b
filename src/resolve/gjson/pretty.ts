import { LatchkeyError } from '../../errors.ts';
import type { Budget } from './budget.ts';
import { parseValue } from './computed.ts';
import { elements, endOfString, members } from './scan.ts';
import { isArray, isObject, type Value } from './value.ts';

const INDENT = '  ';
/** Arrays of scalars that fit stay on one line. */
const WIDTH = 80;

/** JSON text without the white space between its tokens. */
export function ugly(json: string): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] === '"') {
      const end = endOfString(json, at);
      if (end === -1) break;
      at = end - 1;
    } else if (json.charCodeAt(at) <= 0x20) {
      out += json.slice(from, at);
      from = at + 1;
    }
  }
  return out + json.slice(from);
}

/** One member or element a line, ending in a newline. gjson's options are refused rather than ignored. */
export function pretty(json: string, options: string, budget: Budget): string {
  if (options !== '')
    throw new LatchkeyError('REF_INVALID', '@pretty takes no options', { hint: 'Write @pretty alone' });
  const value = parseValue(json);
  return value === undefined ? '' : `${lines(value, '', 0, budget)}\n`;
}

function lines(value: Value, indent: string, column: number, budget: Budget): string {
  const inner = indent + INDENT;
  const parts: string[] = [];
  if (isObject(value)) {
    for (const member of members(value.raw, 0, budget)) {
      if (member === undefined) break;
      const start = `${inner}"${member.key}": `;
      parts.push(start + budget.nest(() => lines(member.value, inner, start.length + 1, budget)));
    }
    return bracket('{', parts, indent, '}');
  }
  if (!isArray(value)) return value.raw;
  const flat = oneLine(value, budget);
  if (flat !== undefined && WIDTH - column > 3 && flat.length <= WIDTH - column) return flat;
  for (const element of elements(value.raw, 1, budget)) {
    if (element === undefined) break;
    parts.push(inner + budget.nest(() => lines(element, inner, inner.length + 1, budget)));
  }
  return bracket('[', parts, indent, ']');
}

/** An array of scalars and such arrays on one line; none where an object is inside. */
function oneLine(value: Value, budget: Budget): string | undefined {
  if (isObject(value)) return undefined;
  if (!isArray(value)) return value.raw;
  const parts: string[] = [];
  for (const element of elements(value.raw, 1, budget)) {
    if (element === undefined) break;
    const part = budget.nest(() => oneLine(element, budget));
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return `[${parts.join(', ')}]`;
}

function bracket(open: string, parts: readonly string[], indent: string, close: string): string {
  return parts.length === 0 ? open + close : `${open}\n${parts.join(',\n')}\n${indent}${close}`;
}
