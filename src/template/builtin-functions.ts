import { isEqual, isLess } from './compare.ts';
import { escapeHtml, escapeJs, escapeQuery } from './escape-text.ts';
import { indexValue, sliceValue } from './index-value.ts';
import { isTrue } from './is-true.ts';
import { sprint, sprintf, sprintln } from './printf.ts';
import { TemplateError } from './template-error.ts';
import type { FunctionTable, TemplateFunction } from './template-function.ts';
import { typeName } from './type-name.ts';
import { GoInt, GoList, GoMap, type GoValue } from './value.ts';

/** What Go's text/template brings itself; sprig's `slice` takes the place of this one. `and` and `or` are here for their names: the evaluator stops early. */
export const BUILTIN_FUNCTIONS: FunctionTable = {
  and: anyNumber(1, (args) => args.find((value) => !isTrue(value)) ?? args.at(-1) ?? null),
  or: anyNumber(1, (args) => args.find(isTrue) ?? args.at(-1) ?? null),
  not: { params: ['any'], call: ([value = null]) => !isTrue(value) },
  eq: anyNumber(1, ([first = null, ...others]) => {
    if (others.length === 0) throw new TemplateError('missing argument for comparison');
    return others.some((other) => isEqual(first, other));
  }),
  ne: compare((a, b) => !isEqual(a, b)),
  lt: compare(isLess),
  le: compare(isLessOrEqual),
  gt: compare((a, b) => !isLessOrEqual(a, b)),
  ge: compare((a, b) => !isLess(a, b)),
  len: { params: ['any'], call: ([value = null]) => new GoInt(lengthOf(value)) },
  index: anyNumber(1, ([item = null, ...indexes]) => indexValue(item, indexes)),
  slice: anyNumber(1, ([item = null, ...indexes]) => sliceValue(item, indexes)),
  print: anyNumber(0, sprint),
  println: anyNumber(0, sprintln),
  printf: {
    params: ['string'],
    variadic: 'any',
    call: ([format, ...args]) => sprintf(typeof format === 'string' ? format : '', args),
  },
  html: anyNumber(0, (args) => escapeHtml(textOf(args))),
  js: anyNumber(0, (args) => escapeJs(textOf(args))),
  urlquery: anyNumber(0, (args) => escapeQuery(textOf(args))),
  call: anyNumber(1, ([value = null]) => {
    throw new TemplateError(value === null ? 'call of nil' : `non-function of type ${typeName(value)}`);
  }),
};

function anyNumber(least: 0 | 1, call: (args: readonly GoValue[]) => GoValue): TemplateFunction {
  return { params: least === 0 ? [] : ['any'], variadic: 'any', call: (args) => call(args) };
}

function compare(holds: (a: GoValue, b: GoValue) => boolean): TemplateFunction {
  return { params: ['any', 'any'], call: ([a = null, b = null]) => holds(a, b) };
}

function isLessOrEqual(a: GoValue, b: GoValue): boolean {
  return isLess(a, b) || isEqual(a, b);
}

function lengthOf(value: GoValue): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof GoList) return value.items.length;
  if (value instanceof GoMap) return value.entries.size;
  throw new TemplateError(value === null ? 'len of nil pointer' : `len of type ${typeName(value)}`);
}

/** Nil reads `<no value>` here, as where a template prints it. */
function textOf(args: readonly GoValue[]): string {
  return sprint(args.map((value) => value ?? '<no value>'));
}
