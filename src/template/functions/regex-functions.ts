import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, ParamType, TemplateFunction } from '../template-function.ts';
import { GoList, type GoValue } from '../value.ts';
import { integerAt, spendBytes, textAt } from './arguments.ts';
import { type ByteRegexp, compileByteRegexp } from './byte-regexp.ts';

const TWO: readonly ParamType[] = ['string', 'string'];
const THREE: readonly ParamType[] = ['string', 'string', 'string'];
const COUNTED: readonly ParamType[] = ['string', 'string', 'int'];

const find = withRegexp(TWO, (regexp, args, evaluation) => findAll(regexp, textAt(args, 1), 1, evaluation)[0] ?? '');
const findEach = withRegexp(COUNTED, (regexp, args, evaluation) => {
  const found = findAll(regexp, textAt(args, 1), integerAt(args, 2), evaluation);
  return new GoList(found, 'string', found.length === 0);
});
const replaceAll = withRegexp(THREE, (regexp, args, evaluation) => {
  return regexp.replaceAll(textAt(args, 1), textAt(args, 2), false, evaluation);
});
const replaceAllLiteral = withRegexp(THREE, (regexp, args, evaluation) => {
  return regexp.replaceAll(textAt(args, 1), textAt(args, 2), true, evaluation);
});
const split = withRegexp(COUNTED, (regexp, args, evaluation) => {
  const limit = integerAt(args, 2);
  return new GoList(splitText(regexp, textAt(args, 0), textAt(args, 1), limit, evaluation), 'string', limit === 0);
});

/** Sprig's functions of regular expressions, which are Go's: RE2, over bytes. */
export const REGEX_FUNCTIONS: FunctionTable = {
  /** An expression that cannot be compiled matches nothing. */
  regexMatch: {
    params: TWO,
    call(args, evaluation) {
      const regexp = compileByteRegexp(textAt(args, 0), evaluation);
      return regexp !== undefined && findAll(regexp, textAt(args, 1), 1, evaluation).length > 0;
    },
  },
  mustRegexMatch: withRegexp(TWO, (regexp, args, evaluation) => {
    return findAll(regexp, textAt(args, 1), 1, evaluation).length > 0;
  }),
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: findEach,
  mustRegexFindAll: findEach,
  regexReplaceAll: replaceAll,
  mustRegexReplaceAll: replaceAll,
  regexReplaceAllLiteral: replaceAllLiteral,
  mustRegexReplaceAllLiteral: replaceAllLiteral,
  regexSplit: split,
  mustRegexSplit: split,
  regexQuoteMeta: {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, 2 * textAt(args, 0).length);
      return textAt(args, 0).replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
    },
  },
};

function withRegexp(
  params: readonly ParamType[],
  call: (regexp: ByteRegexp, args: readonly GoValue[], evaluation: Evaluation) => GoValue,
): TemplateFunction {
  return {
    params,
    call(args, evaluation) {
      const regexp = compileByteRegexp(textAt(args, 0), evaluation);
      if (regexp === undefined) throw new TemplateError('invalid regular expression');
      return call(regexp, args, evaluation);
    },
  };
}

function findAll(regexp: ByteRegexp, text: string, limit: number, evaluation: Evaluation): readonly string[] {
  return regexp.findAll(text, limit, evaluation).map(([[start, end] = [0, 0]]) => text.slice(start, end));
}

/** Go's Regexp.Split: at most so many parts, the last of them whole; all of them where the limit is negative. */
function splitText(
  regexp: ByteRegexp,
  source: string,
  text: string,
  limit: number,
  evaluation: Evaluation,
): readonly string[] {
  if (limit === 0) return [];
  if (source !== '' && text === '') return [''];
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const [[start, stop] = [0, 0]] of regexp.findAll(text, limit, evaluation)) {
    if (limit > 0 && parts.length === limit - 1) break;
    end = start;
    if (stop !== 0) parts.push(text.slice(begin, end));
    begin = stop;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return parts;
}
