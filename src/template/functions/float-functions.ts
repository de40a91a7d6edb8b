import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { integerAt, valueAt } from './arguments.ts';
import { toFloat64 } from './cast.ts';
import { computeDecimal, type DecimalOperation } from './decimal.ts';

/** Sprig's functions of floats. */
export const FLOAT_FUNCTIONS: FunctionTable = {
  add1f: { params: ['any'], call: (args) => computeDecimal('add', toFloat64(valueAt(args, 0)), [1]) },
  addf: { ...decimal('add', 0), params: [] },
  subf: decimal('subtract'),
  mulf: decimal('multiply'),
  divf: decimal('divide'),
  maxf: reducing(Math.max),
  minf: reducing(Math.min),
  ceil: { params: ['any'], call: (args) => Math.ceil(toFloat64(valueAt(args, 0))) },
  floor: { params: ['any'], call: (args) => Math.floor(toFloat64(valueAt(args, 0))) },
  round: {
    params: ['any', 'int'],
    variadic: 'float64',
    call(args) {
      const places = 10 ** integerAt(args, 1);
      const value = toFloat64(valueAt(args, 0)) * places;
      // A negative number has a negative fraction, and so is always rounded down.
      const isUp = value - Math.trunc(value) >= toFloat64(args[2] ?? 0.5);
      return (isUp ? Math.ceil(value) : Math.floor(value)) / places;
    },
  },
};

function decimal(operation: DecimalOperation, start?: number): TemplateFunction {
  return {
    params: ['any'],
    variadic: 'any',
    call(args, evaluation) {
      // Each factor makes the product longer.
      evaluation.spend(args.length + args.length ** 2 / 64);
      const [first = 0, ...others] = start === undefined ? args.map(toFloat64) : [start, ...args.map(toFloat64)];
      return computeDecimal(operation, first, others);
    },
  };
}

function reducing(compute: (a: number, b: number) => number): TemplateFunction {
  return { params: ['any'], variadic: 'any', call: (args) => args.map(toFloat64).reduce((a, b) => compute(a, b)) };
}
