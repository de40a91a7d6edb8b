import { TemplateError } from '../template-error.ts';
import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { typeName } from '../type-name.ts';
import { GoList, GoMap, type GoValue } from '../value.ts';
import { textAt, valueAt } from './arguments.ts';
import { strval } from './cast.ts';
import { mergeInto } from './merge-dicts.ts';

/** Maps of anything. The root of a template is none: it is a map of strings, which Go does not take for one. */
export const DICT_FUNCTIONS: FunctionTable = {
  dict: { params: [], variadic: 'any', call: (args) => new GoMap(pairs(args)) },
  get: { params: ['dict', 'string'], call: (args) => dictAt(args, 0).entries.get(textAt(args, 1)) ?? absent(args) },
  set: {
    params: ['dict', 'string', 'any'],
    call: (args) => {
      const dict = dictAt(args, 0);
      const value = valueAt(args, 2);
      if (reaches(value, dict)) throw new TemplateError('a dict cannot hold itself');
      dict.entries.set(textAt(args, 1), value);
      return dict;
    },
  },
  unset: {
    params: ['dict', 'string'],
    call: (args) => {
      const dict = dictAt(args, 0);
      dict.entries.delete(textAt(args, 1));
      return dict;
    },
  },
  hasKey: { params: ['dict', 'string'], call: (args) => dictAt(args, 0).entries.has(textAt(args, 1)) },
  pluck: {
    params: ['string'],
    variadic: 'dict',
    call: ([key, ...dicts]) => {
      const name = typeof key === 'string' ? key : '';
      const having = dicts.filter((dict) => dict instanceof GoMap).filter(({ entries }) => entries.has(name));
      return new GoList(having.map(({ entries }) => entries.get(name) ?? null));
    },
  },
  // Go gives these in no order; sorted, they are at least the same each time.
  keys: {
    params: [],
    variadic: 'dict',
    call: (args) =>
      new GoList(
        args.flatMap((_, index) => sortedKeys(dictAt(args, index))),
        'string',
      ),
  },
  values: {
    params: ['dict'],
    call: (args) => {
      const dict = dictAt(args, 0);
      return new GoList(sortedKeys(dict).map((key) => dict.entries.get(key) ?? null));
    },
  },
  pick: select((named) => named),
  omit: select((named) => !named),
  dig: {
    params: [],
    variadic: 'any',
    call: (args) => {
      if (args.length < 3) throw new TemplateError('dig needs at least three arguments');
      const path = args.slice(0, -2);
      return dig(args.at(-1) ?? null, path, args.at(-2) ?? null);
    },
  },
  merge: merge(false),
  mustMerge: merge(false),
  mergeOverwrite: merge(true),
  mustMergeOverwrite: merge(true),
};

function dictAt(args: readonly GoValue[], index: number): GoMap {
  const value = valueAt(args, index);
  if (value instanceof GoMap) return value;
  throw new TemplateError(`argument ${index + 1} is no dict`);
}

/** A key that is there may hold nil; one that is not gives the empty string. */
function absent(args: readonly GoValue[]): GoValue {
  return dictAt(args, 0).entries.has(textAt(args, 1)) ? null : '';
}

function pairs(args: readonly GoValue[]): readonly (readonly [string, GoValue])[] {
  return Array.from({ length: Math.ceil(args.length / 2) }, (_, index) => {
    const value = args[2 * index + 1];
    return [strval(args[2 * index] ?? null), value === undefined ? '' : value] as const;
  });
}

function sortedKeys({ entries }: GoMap): readonly string[] {
  return [...entries.keys()].toSorted();
}

function select(keeps: (isNamed: boolean) => boolean): TemplateFunction {
  return {
    params: ['dict'],
    variadic: 'string',
    call: (args) => {
      const named = new Set(args.slice(1));
      return new GoMap([...dictAt(args, 0).entries].filter(([key]) => keeps(named.has(key))));
    },
  };
}

function dig(value: GoValue, [key, ...path]: readonly GoValue[], fallback: GoValue): GoValue {
  if (!(value instanceof GoMap) || value.elem !== 'interface {}') {
    throw new TemplateError(`dig goes into maps, not into ${typeName(value)}`);
  }
  if (typeof key !== 'string') throw new TemplateError(`dig takes keys that are strings, not ${typeName(key ?? null)}`);
  if (!value.entries.has(key)) return fallback;
  const found = value.entries.get(key) ?? null;
  return path.length === 0 ? found : dig(found, path, fallback);
}

function merge(overwrite: boolean): TemplateFunction {
  return {
    params: ['dict'],
    variadic: 'dict',
    call: (args, evaluation) => {
      const target = dictAt(args, 0);
      for (const [index, source] of args.slice(1).entries()) {
        if (reaches(source, target)) throw new TemplateError('a dict cannot hold itself');
        mergeInto(target, dictAt(args, index + 1), overwrite, evaluation);
      }
      return target;
    },
  };
}

/** Whether the dict is somewhere in the value: put into itself it would print without end. What is shared is looked at once. */
function reaches(value: GoValue, dict: GoMap, seen = new Set<GoValue>()): boolean {
  if (value === dict) return true;
  if (!(value instanceof GoList || value instanceof GoMap) || seen.has(value)) return false;
  seen.add(value);
  const items = value instanceof GoList ? value.items : [...value.entries.values()];
  return items.some((item) => reaches(item, dict, seen));
}
