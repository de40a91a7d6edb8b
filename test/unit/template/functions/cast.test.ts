import { describe, expect, it } from 'vitest';
import { strval, toFloat64, toInt64 } from '../../../../src/template/functions/cast.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from '../../../../src/template/value.ts';

describe('what becomes an int64', () => {
  it.each<[GoValue, bigint]>([
    ['0x10', 16n],
    ['0X1F', 31n],
    ['010', 8n],
    ['0o17', 15n],
    ['-0b11', -3n],
    ['+5', 5n],
    ['1_000', 1000n],
    ['0_7', 7n],
    ['0x_1', 1n],
    ['1.0', 1n],
    ['1.00', 1n],
    ['0.0', 0n],
    ['-9223372036854775808', -(2n ** 63n)],
    [-1.9, -1n],
    [1e30, -(2n ** 63n)],
    [Number.NaN, -(2n ** 63n)],
    [true, 1n],
    [false, 0n],
    [new GoInt(7, 'uint8'), 7n],
    [new GoInt(2n ** 64n - 1n, 'uint64'), -1n],
  ])('makes %s to %s', (value, expected) => {
    const number = toInt64(value);

    expect(number).toBe(expected);
  });

  it.each<GoValue>([
    '',
    'a',
    '0x',
    '08',
    '1.5',
    '1.50',
    '1.',
    '.0',
    '1e3',
    '_1',
    '1_',
    '1__0',
    '0_',
    ' 1',
    '1.0.0',
    '9223372036854775808',
    '9'.repeat(1_000_000),
    null,
    new GoList([1]),
    new GoMap(),
    new GoStruct('time.Time'),
  ])('counts what is no integer as zero (%#)', (value) => {
    const number = toInt64(value);

    expect(number).toBe(0n);
  });
});

describe('what becomes a float64', () => {
  it.each<[GoValue, number]>([
    ['1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1e3', -1000],
    ['1_0', 10],
    ['0_1', 1],
    ['1e1_0', 1e10],
    ['0x1p-2', 0.25],
    ['0x1.8p1', 3],
    ['0x.8p1', 1],
    ['0x_1p0', 1],
    ['0x1p1_0', 1024],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    [new GoInt(-3), -3],
    [true, 1],
    [2.5, 2.5],
  ])('makes %s to %s', (value, expected) => {
    const number = toFloat64(value);

    expect(number).toBe(expected);
  });

  it.each<GoValue>([
    '',
    ' 1',
    '+NaN',
    '1e400',
    '0x10',
    '0x1_p1',
    '1._5',
    '1_.5',
    '1e_1',
    '1__0',
    '.',
    'constructor',
    `${'1'.repeat(1_000_000)}x`,
    `0x${'1'.repeat(1_000_000)}x`,
    false,
    null,
    new GoList([]),
  ])('counts what is no float as zero (%#)', (value) => {
    const number = toFloat64(value);

    expect(number).toBe(0);
  });
});

describe("sprig's text of a value", () => {
  it.each<[GoValue, string]>([
    ['a\xff', 'a\xff'],
    [new GoList([new GoInt(0x61, 'uint8'), new GoInt(0xff, 'uint8')], 'uint8'), 'a\xff'],
    [new GoStruct('*semver.Version', { text: '1.2.3' }), '1.2.3'],
    [new GoInt(5), '5'],
    [1e6, '1e+06'],
    [true, 'true'],
    [null, '<nil>'],
    [new GoList(['a', new GoInt(1), null]), '[a 1 <nil>]'],
    [new GoMap([['b', '1']]), 'map[b:1]'],
  ])('is what prints (%#)', (value, expected) => {
    const text = strval(value);

    expect(text).toBe(expected);
  });
});
