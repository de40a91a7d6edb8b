import type { Evaluation, FunctionTable, TemplateFunction } from '../template-function.ts';
import { GoList, GoMap, type GoValue } from '../value.ts';
import { integerAt, spendBytes, textAt, valueAt } from './arguments.ts';
import { strval } from './cast.ts';
import { splitRunes } from './runes.ts';

const textOf: TemplateFunction = {
  params: ['any'],
  call: (args) => strval(valueAt(args, 0)),
};

/** Sprig's functions between a text and a list of texts. */
export const SPLIT_FUNCTIONS: FunctionTable = {
  toString: textOf,
  toStrings: {
    params: ['any'],
    call: (args, evaluation) => new GoList(toTexts(valueAt(args, 0), evaluation), 'string'),
  },
  join: {
    params: ['string', 'any'],
    call(args, evaluation) {
      const texts = toTexts(valueAt(args, 1), evaluation);
      const size = texts.reduce((total, text) => total + text.length + textAt(args, 0).length, 0);
      spendBytes(evaluation, size);
      return texts.join(textAt(args, 0));
    },
  },
  sortAlpha: {
    params: ['any'],
    call(args, evaluation) {
      const value = valueAt(args, 0);
      const texts = value instanceof GoList ? toTexts(value, evaluation) : [strval(value)];
      return new GoList([...texts].sort(), 'string'); // by bytes, which is by characters here
    },
  },
  split: {
    params: ['string', 'string'],
    call: (args, evaluation) => numbered(splitBytes(textAt(args, 1), textAt(args, 0), -1, evaluation)),
  },
  splitn: {
    params: ['string', 'int', 'string'],
    call: (args, evaluation) => numbered(splitBytes(textAt(args, 2), textAt(args, 0), integerAt(args, 1), evaluation)),
  },
  splitList: {
    params: ['string', 'string'],
    call: (args, evaluation) => new GoList(splitBytes(textAt(args, 1), textAt(args, 0), -1, evaluation), 'string'),
  },
};

/** A list of any kind as texts, without its nils; another value is a list of itself, and nil is empty. */
function toTexts(value: GoValue, evaluation: Evaluation): readonly string[] {
  if (value === null) return [];
  if (!(value instanceof GoList)) return [strval(value)];
  evaluation.spend(value.items.length);
  return value.items.filter((item) => item !== null).map(strval);
}

/** Go's strings.SplitN: at most so many parts, all of them where the limit is negative; runes where nothing separates. */
function splitBytes(text: string, separator: string, limit: number, evaluation: Evaluation): readonly string[] {
  if (limit === 0) return [];
  spendBytes(evaluation, text.length * (separator === '' ? 64 : 8));
  const parts = separator === '' ? splitRunes(text) : text.split(separator);
  evaluation.spend(parts.length);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

/** Sprig's `_0`, `_1`, … */
function numbered(parts: readonly string[]): GoMap {
  return new GoMap(
    parts.map((part, index) => [`_${index}`, part]),
    'string',
  );
}
