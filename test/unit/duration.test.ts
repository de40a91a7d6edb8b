import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDurationMs } from '../../src/duration.ts';

describe('parseDurationMs', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['1h30m', 5_400_000],
    ['-1.5s', -1500],
    ['+2m', 120_000],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['1000000ns', 1],
    ['1m1m', 120_000],
  ])('reads %s as %d ms, as Go does', (text, ms) => {
    expect(parseDurationMs(text)).toBeCloseTo(ms, 9);
  });

  it.each([
    '',
    '-',
    '+',
    '1',
    '60',
    's',
    '.s',
    '1 s',
    ' 1s',
    '1s ',
    '1d',
    '1S',
    '1h-30m',
    '--1s',
    '1e3s',
    '٣s',
    '1s\n',
  ])('takes %j for none', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it('adds the parts up, whatever they are', () => {
    const sizes = new Map([
      ['h', 3_600_000],
      ['m', 60_000],
      ['s', 1000],
      ['ms', 1],
    ]);
    const part = fc.record({ count: fc.nat(1000), unit: fc.constantFrom(...sizes.keys()) });

    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts.map(({ count, unit }) => `${count}${unit}`).join('');
        const ms = parts.reduce((sum, { count, unit }) => sum + count * (sizes.get(unit) ?? 0), 0);

        expect(parseDurationMs(text)).toBeCloseTo(ms, 6);
      }),
    );
  });
});
