import { assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNumber, parseNumber } from '../../../../src/resolve/gjson/number.ts';

describe('formatNumber', () => {
  it.each([
    [1.5, '1.5'],
    [1e3, '1000'],
    [-0, '-0'],
    [-1.5e-3, '-0.0015'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [1e-7, '0.0000001'],
    [1.25e-7, '0.000000125'],
    [5e-324, `0.${'0'.repeat(323)}5`],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('writes %d as %s', (number, text) => {
    expect(formatNumber(number)).toBe(text);
  });

  it('writes digits that read back as the same number, without an exponent', () => {
    assert(
      property(double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(formatNumber(number)).toMatch(/^-?\d+(\.\d+)?$/);
        expect(parseNumber(formatNumber(number))).toBe(number);
      }),
    );
  });
});

describe('parseNumber', () => {
  it.each([
    ['1.50', 1.5],
    ['+5', 5],
    ['01', 1],
    ['.5', 0.5],
    ['1.', 1],
    ['1e400', Infinity],
    ['-inf', -Infinity],
    ['0x10', 0],
    ['12abc', 0],
    ['', 0],
  ])('reads %j as Go does', (text, number) => {
    expect(parseNumber(text)).toBe(number);
  });
});
