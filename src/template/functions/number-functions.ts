import { formatValue } from '../format-value.ts';
import { TemplateError } from '../template-error.ts';
import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { GoInt, GoList, type GoValue } from '../value.ts';
import { bigintAt, textAt, valueAt } from './arguments.ts';
import { toFloat64, toInt64 } from './cast.ts';
import { intRange, intSequence } from './int-range.ts';
import { parseInteger } from './parse-integer.ts';
import { randomBelow } from './random-below.ts';

const max = reducing((a, b) => (b > a ? b : a));

/** Sprig's functions of integers. What is no number counts as zero, and an int64 that is too large wraps. */
export const NUMBER_FUNCTIONS: FunctionTable = {
  atoi: { params: ['string'], call: (args) => new GoInt(parseInteger(textAt(args, 0), 10).value) },
  int: { params: ['any'], call: (args) => new GoInt(toInt64(valueAt(args, 0))) },
  int64: { params: ['any'], call: (args) => int64(toInt64(valueAt(args, 0))) },
  float64: { params: ['any'], call: (args) => toFloat64(valueAt(args, 0)) },
  /** The octal number that a mode is written as, in its decimal form. */
  toDecimal: {
    params: ['any'],
    call(args) {
      const { value, ok } = parseInteger(formatValue(valueAt(args, 0)), 8);
      return int64(ok ? value : 0n);
    },
  },
  add: { params: [], variadic: 'any', call: (args) => int64(args.map(toInt64).reduce((a, b) => a + b, 0n)) },
  add1: { params: ['any'], call: (args) => int64(toInt64(valueAt(args, 0)) + 1n) },
  sub: ofTwo((a, b) => a - b),
  div: ofTwo((a, b) => a / nonZero(b)),
  mod: ofTwo((a, b) => a % nonZero(b)),
  mul: reducing((a, b) => BigInt.asIntN(64, a * b)),
  max,
  biggest: max,
  min: reducing((a, b) => (b < a ? b : a)),
  seq: {
    params: [],
    variadic: 'int',
    call: (args, evaluation) =>
      intSequence(
        args.map((_, index) => bigintAt(args, index)),
        evaluation,
      ).join(' '),
  },
  until: {
    params: ['int'],
    call(args, evaluation) {
      const count = bigintAt(args, 0);
      return toList(intRange(0n, count, count < 0n ? -1n : 1n, evaluation));
    },
  },
  untilStep: {
    params: ['int', 'int', 'int'],
    call: (args, evaluation) => toList(intRange(bigintAt(args, 0), bigintAt(args, 1), bigintAt(args, 2), evaluation)),
  },
  randInt: {
    params: ['int', 'int'],
    call(args, evaluation) {
      const [from, to] = [bigintAt(args, 0), bigintAt(args, 1)];
      if (to <= from) throw new TemplateError('invalid argument to Intn');
      return new GoInt(from + randomBelow(to - from, evaluation));
    },
  },
};

function int64(value: bigint): GoInt {
  return new GoInt(value, 'int64');
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new TemplateError('runtime error: integer divide by zero');
  return divisor;
}

function ofTwo(compute: (a: bigint, b: bigint) => bigint): TemplateFunction {
  return {
    params: ['any', 'any'],
    call: (args) => int64(compute(toInt64(valueAt(args, 0)), toInt64(valueAt(args, 1)))),
  };
}

function reducing(compute: (a: bigint, b: bigint) => bigint): TemplateFunction {
  return {
    params: ['any'],
    variadic: 'any',
    call: (args: readonly GoValue[]) => int64(args.map(toInt64).reduce(compute)),
  };
}

function toList(numbers: readonly bigint[]): GoList {
  return new GoList(
    numbers.map((number) => new GoInt(number)),
    'int',
  );
}
