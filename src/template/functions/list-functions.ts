import { deepEqual } from '../deep-equal.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, TemplateFunction } from '../template-function.ts';
import { kindName } from '../type-name.ts';
import { GoList, type GoValue } from '../value.ts';
import { integerAt, valueAt } from './arguments.ts';
import { toInt64 } from './cast.ts';
import { isEmpty } from './is-empty.ts';
import { itemsOf } from './list-of.ts';

const ANY = 'interface {}';

const list: TemplateFunction = { params: [], variadic: 'any', call: (args) => new GoList(args) };
const push = binary('push on', (items, value) => [...items, value]);
const prepend = binary('prepend on', (items, value) => [value, ...items]);
const first = one('find first on', (items) => items[0] ?? null);
const last = one('find last on', (items) => items.at(-1) ?? null);
const rest = one('find rest on', (items) => new GoList(items.slice(1), ANY, items.length === 0));
const initial = one('find initial on', (items) => new GoList(items.slice(0, -1), ANY, items.length === 0));
const reverse = one('find reverse on', (items) => new GoList(items.toReversed()));
const compact = one('compact on', (items) => new GoList(items.filter((item) => !isEmpty(item))));
const uniq = one('find uniq on', (items, evaluation) => new GoList(distinct(items, evaluation)));

/** Lists; each also under its name with `must`, which in a template makes no difference. */
export const LIST_FUNCTIONS: FunctionTable = {
  list,
  tuple: list,
  append: push,
  push,
  mustAppend: push,
  mustPush: push,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq,
  mustUniq: uniq,
  without: without(),
  mustWithout: without(),
  has: has(),
  mustHas: has(),
  slice: slice(),
  mustSlice: slice(),
  concat: {
    params: [],
    variadic: 'any',
    call: (args, { spend }) => {
      const all = args.map((value) => {
        if (value instanceof GoList) return value.items;
        throw new TemplateError(`Cannot concat type ${kindName(value)} as list`);
      });
      spend(all.reduce((sum, { length }) => sum + length, 0));
      const items = all.flat();
      return new GoList(items, ANY, items.length === 0);
    },
  },
  chunk: chunk(),
  mustChunk: chunk(),
};

function one(doing: string, call: (items: readonly GoValue[], evaluation: Evaluation) => GoValue): TemplateFunction {
  return {
    params: ['any'],
    call: (args, evaluation) => {
      const items = itemsOf(valueAt(args, 0), doing);
      evaluation.spend(items.length);
      return call(items, evaluation);
    },
  };
}

function binary(
  doing: string,
  join: (items: readonly GoValue[], value: GoValue) => readonly GoValue[],
): TemplateFunction {
  return {
    params: ['any', 'any'],
    call: (args, { spend }) => {
      const items = itemsOf(valueAt(args, 0), doing);
      spend(items.length + 1);
      return new GoList(join(items, valueAt(args, 1)));
    },
  };
}

function distinct(items: readonly GoValue[], { spend }: Evaluation): readonly GoValue[] {
  const seen: GoValue[] = [];
  for (const item of items) {
    spend(seen.length);
    if (!seen.some((other) => deepEqual(other, item))) seen.push(item);
  }
  return seen;
}

function without(): TemplateFunction {
  return {
    params: ['any'],
    variadic: 'any',
    call: ([value = null, ...unwanted], { spend }) => {
      const items = itemsOf(value, 'find without on');
      spend(items.length * (unwanted.length + 1));
      return new GoList(items.filter((item) => !unwanted.some((other) => deepEqual(other, item))));
    },
  };
}

function has(): TemplateFunction {
  return {
    params: ['any', 'any'],
    call: ([needle = null, haystack = null], { spend }) => {
      if (haystack === null) return false;
      const items = itemsOf(haystack, 'find has on');
      spend(items.length);
      return items.some((item) => deepEqual(needle, item));
    },
  };
}

function slice(): TemplateFunction {
  return {
    params: ['any'],
    variadic: 'any',
    call: ([value = null, ...bounds], { spend }) => {
      if (!(value instanceof GoList)) {
        throw new TemplateError(`list should be type of slice or array but ${kindName(value)}`);
      }
      const { items, elem } = value;
      if (items.length === 0) return null;
      const start = bounds.length > 0 ? Number(toInt64(bounds[0] ?? null)) : 0;
      const end = bounds.length > 1 ? Number(toInt64(bounds[1] ?? null)) : items.length;
      if (start < 0 || end < start || end > items.length) throw new TemplateError('slice bounds out of range');
      spend(end - start);
      return new GoList(items.slice(start, end), elem);
    },
  };
}

function chunk(): TemplateFunction {
  return {
    params: ['int', 'any'],
    call: (args, { spend }) => {
      const size = integerAt(args, 0);
      const items = itemsOf(valueAt(args, 1), 'chunk');
      if (size < 1) throw new TemplateError('a chunk holds at least one value');
      spend(items.length);
      const count = Math.ceil(items.length / size);
      const chunks = Array.from(
        { length: count },
        (_, index) => new GoList(items.slice(index * size, (index + 1) * size)),
      );
      return new GoList(chunks, '[]interface {}');
    },
  };
}
