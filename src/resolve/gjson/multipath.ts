import type { Computed, Context } from './computed.ts';
import { isValidJson } from './is-valid-json.ts';
import { endOfQuotes } from './path.ts';
import { quote } from './quote.ts';

interface Selector {
  /** The key to use in an object; else the last name of the path. */
  readonly name: string;
  readonly path: string;
}

/** `[a,b]` and `{a,"name":b}`: a new array or object of what several paths select. What is missing is left out. */
export function multipath(json: string, path: string, context: Context): Computed | undefined {
  const parsed = parseSelectors(path);
  if (parsed === undefined || !/^([|.]|$)/.test(parsed.rest)) return undefined;
  const isObject = path.startsWith('{');
  const parts: string[] = [];
  for (const selector of parsed.selectors) {
    const value = context.get(json, selector.path);
    if (value === undefined) continue;
    const part = isObject ? `${keyOf(selector)}:${value.raw}` : value.raw;
    context.budget.spend(part.length);
    parts.push(part);
  }
  const text = parts.join(',');
  return { text: isObject ? `{${text}}` : `[${text}]`, rest: parsed.rest };
}

function parseSelectors(path: string): { readonly selectors: readonly Selector[]; readonly rest: string } | undefined {
  const selectors: Selector[] = [];
  let depth = 1;
  let start = 1;
  let colon = -1;
  let inModifier = false;
  function push(end: number): void {
    const name = colon === -1 ? '' : path.slice(start, colon);
    selectors.push({ name, path: path.slice(colon === -1 ? start : colon + 1, end) });
    start = end + 1;
    colon = -1;
    inModifier = false;
  }

  for (let at = 1; at < path.length; at += 1) {
    switch (path.charAt(at)) {
      case '\\':
        at += 1;
        break;
      case '@':
        // the colon after a modifier starts its argument
        if (path[at - 1] === '.' || path[at - 1] === '|') inModifier = true;
        break;
      case ':':
        if (!inModifier && colon === -1 && depth === 1) colon = at;
        break;
      case ',':
        if (depth === 1) push(at);
        break;
      case '"':
        at = endOfQuotes(path, at) - 1;
        break;
      case '[':
      case '(':
      case '{':
        depth += 1;
        break;
      case ']':
      case ')':
      case '}':
        depth -= 1;
        if (depth > 0) break;
        push(at);
        return { selectors, rest: path.slice(at + 1) };
      default:
    }
  }
  return undefined;
}

// brackets, path signs and control characters, which in a byte string are all outside these two
const UNFIT_NAME = /[[\]{}()#|!]|[^ -\xff]/;

function keyOf({ name, path }: Selector): string {
  if (name.startsWith('"') && isValidJson(name)) return name;
  if (name !== '') return quote(name);
  const last = lastName(path);
  return quote(UNFIT_NAME.test(last) ? '_' : last);
}

function lastName(path: string): string {
  for (let at = path.length - 1; at >= 0; at -= 1) {
    if ((path[at] === '.' || path[at] === '|') && path[at - 1] !== '\\') return path.slice(at + 1);
  }
  return path;
}
