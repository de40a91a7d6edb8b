import { describe, expect, it } from 'vitest';
import { FLOAT_FUNCTIONS } from '../../../../src/template/functions/float-functions.ts';
import { NUMBER_FUNCTIONS } from '../../../../src/template/functions/number-functions.ts';
import { GoInt, GoList, type GoValue } from '../../../../src/template/value.ts';
import { anEvaluation, callerOf } from './evaluation.ts';

const call = callerOf({ ...FLOAT_FUNCTIONS, ...NUMBER_FUNCTIONS });

const MAX = 2n ** 63n - 1n;

/** Bigints of a row are ints, numbers are floats. */
function toArguments(row: readonly (string | number | bigint | boolean | null)[]): GoValue[] {
  return row.map((cell) => (typeof cell === 'bigint' ? new GoInt(cell) : cell));
}

type Row = [string, (string | number | bigint | boolean | null)[], bigint];

describe('functions that make an int64', () => {
  it.each<Row>([
    ['int64', ['0x10'], 16n],
    ['toDecimal', ['0777'], 511n],
    ['toDecimal', [777n], 511n],
    ['toDecimal', ['8'], 0n],
    ['toDecimal', ['07_7'], 0n],
    ['toDecimal', ['7'.repeat(30)], 0n],
    ['toDecimal', [null], 0n],
    ['add', [], 0n],
    ['add', ['a', 5n, null, '2', 1.9], 8n],
    ['add', [MAX, 1n], -(2n ** 63n)],
    ['add1', ['0x1f'], 32n],
    ['sub', [5n, '2'], 3n],
    ['div', [-7n, 2n], -3n],
    ['div', [-(2n ** 63n), -1n], -(2n ** 63n)],
    ['mod', [-7n, 3n], -1n],
    ['mod', [5n, -3n], 2n],
    ['mul', [2n], 2n],
    ['mul', [1.5, 2n], 2n],
    ['mul', [MAX, 2n], -2n],
    ['max', ['a', 3n, 2.9], 3n],
    ['biggest', [1n, 9n, 3n], 9n],
    ['min', [5n, true], 1n],
    ['min', [5n], 5n],
  ])('%s of %o is %i', (name, row, expected) => {
    const result = call(name, toArguments(row));

    expect(result).toEqual(new GoInt(expected, 'int64'));
  });
});

describe('functions that make an int', () => {
  it.each<Row>([
    ['atoi', ['-3'], -3n],
    ['atoi', ['0x10'], 0n],
    ['atoi', ['1_0'], 0n],
    ['atoi', ['99999999999999999999'], MAX],
    ['int', ['010'], 8n],
    ['int', [true], 1n],
    ['randInt', [3n, 4n], 3n],
  ])('%s of %o is %i', (name, row, expected) => {
    const result = call(name, toArguments(row));

    expect(result).toEqual(new GoInt(expected));
  });

  it('randInt takes any number of its range', () => {
    const evaluation = anEvaluation();

    const numbers = Array.from({ length: 200 }, () => call('randInt', [new GoInt(-2), new GoInt(4)], evaluation));

    const values = new Set(numbers.map((number) => (number instanceof GoInt ? number.value : undefined)));
    expect(values).toEqual(new Set([-2n, -1n, 0n, 1n, 2n, 3n]));
  });
});

describe('functions that make a float', () => {
  it.each<[string, (string | number | bigint | boolean | null)[], number]>([
    ['float64', ['.5'], 0.5],
    ['float64', [true], 1],
    ['add1f', ['1.5'], 2.5],
    ['addf', [], 0],
    ['addf', [0.1, 0.2], 0.3],
    ['addf', ['x', 1n], 1],
    ['addf', [1e308, 1e-300], 1e308],
    ['addf', [1e308, 1e308], Number.POSITIVE_INFINITY],
    ['subf', [1n, 0.9], 0.1],
    ['subf', [1n], 1],
    ['mulf', [1.1, 1.1], 1.21],
    ['mulf', [1e200, 1e200], Number.POSITIVE_INFINITY],
    ['mulf', [1e-200, 1e-200], 0],
    ['divf', [10n, 4n], 2.5],
    ['divf', [1n, 3n], 0.3333333333333333],
    ['divf', [2n, 3n], 0.6666666666666667],
    ['divf', [1n, 3n, 3n], 0.1111111111111111],
    ['divf', [1e300, 3n], 3.3333333333333335e299],
    ['divf', [1n, 1e300], 0],
    ['divf', [5e-17, 1n], 1e-16],
    ['divf', [-5e-17, 1n], -1e-16],
    ['divf', [4e-17, 1n], 0],
    ['divf', [1e17, 3n], 3.3333333333333332e16],
    ['maxf', [1n, 2.5, '3'], 3],
    ['maxf', ['nan', 1n], Number.NaN],
    ['minf', [1.5, '0.5'], 0.5],
    ['ceil', ['1.5'], 2],
    ['floor', [-1.5], -2],
    ['round', [3.746, 2n], 3.75],
    ['round', [1.005, 2n], 1],
    ['round', [123.555555, 3n, 0.9], 123.555],
    ['round', [3.5, 0n, 0.6], 3],
    ['round', [-1.2, 0n], -2],
    ['round', [12345.6789, -2n], 12300],
    ['round', [2.5, 400n], Number.NaN],
    ['round', [5.5, -400n], Number.NaN],
  ])('%s of %o is %d', (name, row, expected) => {
    const result = call(name, toArguments(row));

    expect(result).toBe(expected);
  });
});

describe('sequences', () => {
  it.each<[bigint[], string]>([
    [[], ''],
    [[5n], '1 2 3 4 5'],
    [[-3n], '1 0 -1 -2 -3'],
    [[0n], '1 0'],
    [[0n, 2n], '0 1 2'],
    [[1n, -1n], '1 0 -1'],
    [[3n, 3n], '3'],
    [[2n, 2n, 8n], '2 4 6 8'],
    [[10n, -3n, 1n], '10 7 4 1'],
    [[1n, 2n, 1n], '1'],
    [[1n, 0n, 5n], ''],
    [[5n, 1n, 1n], ''],
    [[1n, -1n, 5n], ''],
    [[2n, -1n, 2n], ''],
    [[MAX], ''],
    [[1n, 2n, 3n, 4n], ''],
  ])('seq %o is "%s"', (params, expected) => {
    const text = call('seq', toArguments(params));

    expect(text).toBe(expected);
  });

  it.each<[string, bigint[], bigint[]]>([
    ['until', [3n], [0n, 1n, 2n]],
    ['until', [-3n], [0n, -1n, -2n]],
    ['until', [0n], []],
    ['untilStep', [1n, 10n, 3n], [1n, 4n, 7n]],
    ['untilStep', [10n, 1n, -3n], [10n, 7n, 4n]],
    ['untilStep', [5n, 0n, -2n], [5n, 3n, 1n]],
    ['untilStep', [10n, 1n, 3n], []],
    ['untilStep', [0n, 10n, 0n], []],
    ['untilStep', [3n, 3n, 1n], []],
  ])('%s %o is %o', (name, params, expected) => {
    const list = call(name, toArguments(params));

    expect(list).toEqual(
      new GoList(
        expected.map((value) => new GoInt(value)),
        'int',
      ),
    );
  });

  it.each<[string, bigint[]]>([
    ['seq', [10n ** 12n]],
    ['seq', [-(2n ** 63n), 2n ** 62n]],
    ['until', [10n ** 12n]],
    ['until', [-(2n ** 63n)]],
    ['untilStep', [0n, MAX, 2n]],
  ])('%s makes no more than a template may (%#)', (name, params) => {
    expect(() => call(name, toArguments(params))).toThrow('too many steps');
  });
});

describe('what functions of numbers refuse', () => {
  it.each<[string, (string | bigint)[], string]>([
    ['div', [1n, 0n], 'integer divide by zero'],
    ['mod', [1n, 'x'], 'integer divide by zero'],
    ['divf', [1n, 0n], 'decimal division by 0'],
    ['addf', ['inf'], 'Cannot create a Decimal from +Inf'],
    ['mulf', [1n, '-inf'], 'Cannot create a Decimal from -Inf'],
    ['subf', ['nan'], 'Cannot create a Decimal from NaN'],
    ['randInt', [5n, 5n], 'invalid argument to Intn'],
    ['randInt', [5n, 4n], 'invalid argument to Intn'],
  ])('%s of %o is an error', (name, row, message) => {
    expect(() => call(name, toArguments(row))).toThrow(message);
  });

  it('multiplies no more factors than a template may', () => {
    const factors = Array<GoValue>(100_000).fill(1.234567890123);

    expect(() => call('mulf', factors)).toThrow('too many steps');
  });
});
