import { isMapping } from '../../src/fields.ts';

/** A required member of an API's input. A client that leaves it out is wrong. */
export function text(input: unknown, name: string): string {
  const value = named(input, name);
  if (value === undefined || value === '') throw new Error(`the parameter ${name} is missing`);
  return value;
}

export function named(input: unknown, name: string): string | undefined {
  const value = isMapping(input) ? input[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function flagged(input: unknown, name: string): boolean {
  return isMapping(input) && input[name] === true;
}

/** Texts of a list; with `anything`, its objects too. */
export function listed(input: unknown, name: string): readonly string[];
export function listed(input: unknown, name: string, anything: true): readonly unknown[];
export function listed(input: unknown, name: string, anything = false): readonly unknown[] {
  const value = isMapping(input) ? (input[name] ?? []) : [];
  if (!Array.isArray(value)) throw new Error(`the parameter ${name} is no list`);
  const items: readonly unknown[] = value;
  if (!anything && !items.every((item) => typeof item === 'string')) throw new Error(`${name} holds other than texts`);
  return items;
}
