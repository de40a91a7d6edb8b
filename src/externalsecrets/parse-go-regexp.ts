import type { Fields } from '../fields.ts';
import { compileGoRegexp } from '../go-regexp.ts';

const MAX_LENGTH = 1000; // what it is matched with are names

/** Reports a text that Go would not accept as a regular expression. */
export function parseGoRegexp(fields: Fields, name: string, source: string): void {
  if (source.length > MAX_LENGTH) {
    fields.problem(name, `must be at most ${MAX_LENGTH} characters long`);
    return;
  }
  try {
    compileGoRegexp(source);
  } catch {
    fields.problem(name, 'is not a regular expression that Go (RE2) accepts');
  }
}
