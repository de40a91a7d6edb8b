import { isModifier } from './modifier-names.ts';

/** What follows one step of a path: a step below it, a fresh path over its result, or nothing. */
export type Next = { readonly child: string } | { readonly pipe: string } | undefined;

export interface ObjectStep {
  readonly name: string;
  /** `name` holds `*` or `?`. As in gjson an escape protects only in names without a wildcard. */
  readonly wild: boolean;
  readonly next: Next;
}

/** Reads the first step of a path, as it is read where an object is. */
export function objectStep(path: string): ObjectStep {
  let name = '';
  let wild = false;
  for (let at = 0; at < path.length; at += 1) {
    const character = path.charAt(at);
    switch (character) {
      case '|':
        return { name, wild, next: { pipe: path.slice(at + 1) } };
      case '.':
        return { name, wild, next: afterDot(path.slice(at + 1)) };
      case '\\':
        at += 1;
        name += path.charAt(at);
        break;
      case '*':
      case '?':
        wild = true;
        name += character;
        break;
      default:
        name += character;
    }
  }
  return { name, wild, next: undefined };
}

/** A dot before a modifier or a multipath is a pipe. */
export function afterDot(rest: string): Next {
  const first = rest.charAt(0);
  const pipes = first === '[' || first === '{' || (first === '@' && isModifier(modifierName(rest)));
  return pipes ? { pipe: rest } : { child: rest };
}

/** `keys` of `@keys|0`. */
export function modifierName(path: string): string {
  return /^@([^.|:]*)/.exec(path)?.[1] ?? '';
}

// gjson never looks at the character after `.#`: the pipe of `a.#|0` stays inside
const PIPE_OR_SKIP = /\\.|\.#.?|\|/gs;

/** Cuts a path at its first pipe that stands outside a query. */
export function splitAtPipe(path: string): { readonly path: string; readonly pipe?: string } {
  if (path.startsWith('{')) return splitAfterBraces(path);
  PIPE_OR_SKIP.lastIndex = 0;
  for (let found = PIPE_OR_SKIP.exec(path); found !== null; found = PIPE_OR_SKIP.exec(path)) {
    if (found[0] === '|') return { path: path.slice(0, found.index), pipe: path.slice(found.index + 1) };
    if (/^\.#[[(]/.test(found[0])) PIPE_OR_SKIP.lastIndex = endOfBrackets(path, found.index + 2);
  }
  return { path };
}

function splitAfterBraces(path: string): { readonly path: string; readonly pipe?: string } {
  // gjson misses the pipe where the first name in braces is quoted or bracketed
  if (/^{["[{]/.test(path)) return { path };
  const end = endOfBrackets(path, 0);
  return path[end] === '|' ? { path: path.slice(0, end), pipe: path.slice(end + 1) } : { path };
}

/** The index after the bracket that closes the one at `open`; escapes and quoted text are skipped. The end where none does. */
function endOfBrackets(path: string, open: number): number {
  let depth = 0;
  for (let at = open; at < path.length; at += 1) {
    switch (path.charAt(at)) {
      case '\\':
        at += 1;
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
        if (depth === 0) return at + 1;
        break;
      default:
    }
  }
  return path.length;
}

/** The index after the quote that closes the one at `open`, or the end. */
export function endOfQuotes(path: string, open: number): number {
  for (let at = open + 1; at < path.length; at += 1) {
    if (path[at] === '\\') at += 1;
    else if (path[at] === '"') return at + 1;
  }
  return path.length;
}
