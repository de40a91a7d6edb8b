/** Where `printf` stands among its arguments. */
export interface ArgumentIndex {
  /** Index of the argument that comes next. */
  readonly next: number;
  /** Where the format goes on. */
  readonly at: number;
  /** Whether there was an index in brackets. */
  readonly isFound: boolean;
  /** Whether it names an argument that there is. */
  readonly isGood: boolean;
}

/** `[2]` at this place of a format, which counts from one. */
export function readArgumentIndex(format: string, at: number, next: number, count: number): ArgumentIndex | undefined {
  if (format[at] !== '[') return undefined;
  const close = at + 2 < format.length ? format.indexOf(']', at + 1) : -1;
  if (close < 0) return { next, at: at + 1, isFound: false, isGood: false };
  const { value, end } = readNumber(format.slice(0, close), at + 1);
  if (value === undefined || end !== close) return { next, at: close + 1, isFound: false, isGood: false };
  const isGood = value >= 1 && value <= count;
  return { next: isGood ? value - 1 : next, at: close + 1, isFound: true, isGood };
}

/** Go's own bound of widths and precisions. */
export const MAX_FORMAT_NUMBER = 1_000_000;

/** Decimal digits at this place. A number that is too large takes all the rest of the format with it. */
export function readNumber(format: string, at: number): { readonly value: number | undefined; readonly end: number } {
  let end = at;
  let value = 0;
  for (; end < format.length; end += 1) {
    const digit = format.charCodeAt(end) - 0x30;
    if (digit < 0 || digit > 9) break;
    if (value > MAX_FORMAT_NUMBER) return { value: undefined, end: format.length };
    value = value * 10 + digit;
  }
  return { value: end === at ? undefined : value, end };
}
