import { type Computed, type Context, parseValue } from './computed.ts';
import { isValidJson } from './is-valid-json.ts';
import { isModifier, type ModifierName } from './modifier-names.ts';
import { modifierName } from './path.ts';
import { pretty, ugly } from './pretty.ts';
import { quote } from './quote.ts';
import { dig, flatten, group, join, keys, reverse, values } from './reshape.ts';
import { endOfContainer, endOfString } from './scan.ts';
import { textOf } from './value.ts';

type Modifier = (json: string, argument: string, context: Context) => string;

const MODIFIERS = {
  dig,
  flatten,
  fromstr: (json) => (isValidJson(json) ? textOfDocument(json) : ''),
  group,
  join,
  keys,
  pretty: (json, argument, { budget }) => pretty(json, argument, budget),
  reverse,
  this: (json) => json,
  tostr: (json) => quote(json),
  ugly: (json) => ugly(json),
  valid: (json) => (isValidJson(json) ? json : ''),
  values,
} as const satisfies Record<ModifierName, Modifier>;

/** `@name` and `@name:argument`: JSON text made from JSON text. A name that is no modifier is an ordinary key. */
export function modifier(json: string, path: string, context: Context): Computed | undefined {
  const name = modifierName(path);
  if (!isModifier(name)) return undefined;
  const after = path.slice(1 + name.length);
  const { argument, rest } = after.startsWith(':') ? splitArgument(after.slice(1)) : { argument: '', rest: after };
  context.budget.spend(json.length);
  const text = MODIFIERS[name](json, argument, context);
  context.budget.spend(text.length);
  return { text, rest };
}

/** An argument is one JSON value, or else all up to the next pipe outside brackets. */
function splitArgument(text: string): { readonly argument: string; readonly rest: string } {
  let end = 0;
  if (/^[{["]/.test(text)) {
    end = endOfBracketed(text, 0);
  } else {
    while (end < text.length && text[end] !== '|') {
      end = /[{["(]/.test(text.charAt(end)) ? endOfBracketed(text, end) : end + 1;
    }
  }
  return { argument: text.slice(0, end), rest: text.slice(end) };
}

function endOfBracketed(text: string, open: number): number {
  if (text[open] !== '"') return endOfContainer(text, open);
  const end = endOfString(text, open);
  return end === -1 ? text.length : end;
}

function textOfDocument(json: string): string {
  const value = parseValue(json);
  return value === undefined ? '' : textOf(value);
}
