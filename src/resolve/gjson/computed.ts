import type { Budget } from './budget.ts';
import { valueAt } from './scan.ts';
import type { Value } from './value.ts';

/** JSON text that a modifier, a literal or a multipath made, and the path that goes on from there. */
export interface Computed {
  readonly text: string;
  /** Starts with `.` or `|` if it goes on. */
  readonly rest: string;
}

/** What those that look paths up themselves need. */
export interface Context {
  readonly budget: Budget;
  readonly get: (json: string, path: string) => Value | undefined;
}

/** The value a computed text begins with. A container runs to the end of the text. */
export function parseValue(text: string): Value | undefined {
  const start = text.search(/[^\0- ]/);
  if (start === -1 || !/["{[tfn+\-0-9iIN]/.test(text.charAt(start))) return undefined;
  const value = valueAt(text, start);
  return value?.kind === 'container' ? { kind: 'container', raw: text.slice(start) } : value;
}
