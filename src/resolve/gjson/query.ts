import { endOfQuotes } from './path.ts';
import { trim } from './trim.ts';
import { unescape } from './value.ts';

/** `path op operand` between the brackets of `#(…)`. Without an operator the path only has to exist. */
export interface Query {
  readonly path: string;
  readonly operator: Operator | '';
  readonly operand: string;
}

// longer ones first
const OPERATORS = ['==', '!=', '!%', '<=', '>=', '=', '<', '>', '%'] as const;

export type Operator = Exclude<(typeof OPERATORS)[number], '=='>;

/** Reads the query a path starts with, and where it ends. None where its bracket is not closed. */
export function parseQuery(path: string): { readonly query: Query; readonly end: number } | undefined {
  let depth = 1;
  let comparison = -1;
  for (let at = 2; at < path.length; at += 1) {
    switch (path.charAt(at)) {
      case '\\':
        at += 1;
        break;
      case '"':
        at = endOfQuotes(path, at) - 1;
        break;
      case '[':
      case '(':
        depth += 1;
        break;
      case ']':
      case ')':
        depth -= 1;
        if (depth === 0) return { query: toQuery(path.slice(2, at), comparison - 2), end: at + 1 };
        break;
      case '!':
      case '=':
      case '<':
      case '>':
      case '%':
        if (depth === 1 && comparison === -1) comparison = at;
        break;
      default:
    }
  }
  return undefined;
}

function toQuery(text: string, comparison: number): Query {
  if (comparison < 0) return { path: trim(text), operator: '', operand: '' };
  const right = text.slice(comparison);
  const sign = OPERATORS.find((known) => right.startsWith(known)) ?? '';
  const operand = trim(right.slice(sign.length));
  const quoted = operand.length >= 2 && operand.startsWith('"') && operand.endsWith('"');
  return {
    path: trim(text.slice(0, comparison)),
    operator: sign === '==' ? '=' : sign,
    operand: quoted ? unescape(operand.slice(1, -1)) : operand,
  };
}
