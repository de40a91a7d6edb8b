import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RANDOM_FUNCTIONS } from '../../../../src/template/functions/random-functions.ts';
import { GoInt } from '../../../../src/template/value.ts';
import { anEvaluation, bytes, callerOf } from './evaluation.ts';

const call = callerOf(RANDOM_FUNCTIONS);

describe('functions of chance', () => {
  it.each([
    ['randAlphaNum', 62, /^[A-Za-z0-9]{5000}$/],
    ['randAlpha', 52, /^[A-Za-z]{5000}$/],
    ['randNumeric', 10, /^[0-9]{5000}$/],
    ['randAscii', 95, /^[ -~]{5000}$/],
  ])('%s takes all of its %i characters', (name, size, pattern) => {
    const evaluation = anEvaluation({ randomBytes: (count) => randomBytes(count) });

    const text = call(name, [new GoInt(5000)], evaluation) as string;

    expect(text).toMatch(pattern);
    expect(new Set(text).size).toBe(size);
  });

  it('randNumeric takes no digit more often than another', () => {
    const text = call('randNumeric', [new GoInt(250)]) as string;

    const counts = Array.from('0123456789', (digit) => text.split(digit).length - 1);
    expect(counts).toEqual(Array(10).fill(25)); // of the bytes 0 to 249
  });

  it.each([0, -1])('randAlpha of %i is empty', (length) => {
    const text = call('randAlpha', [new GoInt(length)]);

    expect(text).toBe('');
  });

  it('uuidv4 marks version and variant', () => {
    const evaluation = anEvaluation({ randomBytes: (size) => new Uint8Array(size).fill(0xff) });

    const uuid = call('uuidv4', [], evaluation);

    expect(uuid).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  });

  it('shuffle keeps every rune', () => {
    const text = Array.from({ length: 50 }, (_, index) => String.fromCodePoint(0x3b1 + index)).join('');

    const shuffled = call('shuffle', [bytes(text)]) as string;

    const decoded = Buffer.from(shuffled, 'latin1').toString('utf8');
    expect(decoded).not.toBe(text);
    expect(new Set(decoded)).toEqual(new Set(text));
    expect(decoded).toHaveLength(text.length);
  });

  it.each(['randAlphaNum', 'randAlpha', 'randNumeric', 'randAscii'])('%s makes no more than a template may', (name) => {
    expect(() => call(name, [new GoInt(2n ** 62n)])).toThrow('too many steps');
  });
});
