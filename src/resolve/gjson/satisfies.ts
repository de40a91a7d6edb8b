import type { Budget } from './budget.ts';
import { parseNumber } from './number.ts';
import type { Operator, Query } from './query.ts';
import { textOf, type Value } from './value.ts';
import { matchesWildcard } from './wildcard.ts';

/** Whether what a query's path found in an element satisfies the query. */
export function satisfies(found: Value | undefined, query: Query, budget: Budget): boolean {
  if (query.operand.startsWith('~')) return satisfiesLoosely(found, query, budget);
  if (found === undefined) return false;
  return query.operator === '' || compare(found, query.operator, query.operand, budget);
}

/** `~true`, `~false`, `~null` and `~*` ask whether a value counts as true, false, null or anything at all. */
function satisfiesLoosely(found: Value | undefined, query: Query, budget: Budget): boolean {
  const holds = loosely(found, query.operand.slice(1));
  if (holds === undefined) return false;
  if (query.operator === '') return true;
  return compare({ kind: holds ? 'true' : 'false', raw: '' }, query.operator, 'true', budget);
}

function loosely(found: Value | undefined, wanted: string): boolean | undefined {
  switch (wanted) {
    case '*':
      return found !== undefined;
    case 'null':
      return found === undefined || found.kind === 'null';
    case 'true':
      return found !== undefined && truth(found) === true;
    case 'false':
      return found === undefined || found.kind === 'null' || truth(found) === false;
    default:
      return undefined;
  }
}

function truth(value: Value): boolean | undefined {
  if (value.kind === 'number') return parseNumber(value.raw) !== 0;
  const text = textOf(value).toLowerCase();
  if (text === 'true' || (value.kind === 'string' && (text === '1' || text === 't'))) return true;
  if (text === 'false' || (value.kind === 'string' && (text === '0' || text === 'f'))) return false;
  return undefined;
}

function compare(value: Value, operator: Operator, operand: string, budget: Budget): boolean {
  switch (value.kind) {
    case 'string': {
      const text = textOf(value);
      budget.spend(text.length);
      if (operator === '%') return matchesWildcard(text, operand, budget);
      if (operator === '!%') return !matchesWildcard(text, operand, budget);
      return ordered(text, operator, operand);
    }
    case 'number':
      return ordered(parseNumber(value.raw), operator, parseNumber(operand));
    case 'true':
    case 'false':
      return compareBoolean(value.kind === 'true', operator, operand);
    case 'null':
    case 'container':
      return false;
  }
}

function compareBoolean(value: boolean, operator: Operator, operand: string): boolean {
  const other = String(!value);
  switch (operator) {
    case '=':
      return operand === String(value);
    case '!=':
      return operand !== String(value);
    case '<':
      return !value && operand === other;
    case '>':
      return value && operand === other;
    case '<=':
      return !value;
    case '>=':
      return value;
    case '%':
    case '!%':
      return false;
  }
}

function ordered<T extends string | number>(left: T, operator: Operator, right: T): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '%':
    case '!%':
      return false;
  }
}
