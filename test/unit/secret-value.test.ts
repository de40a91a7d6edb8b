import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../src/secret-value.ts';

const TEXT = 'hunter2 ü';
const value = SecretValue.fromText(TEXT);

describe('a SecretValue', () => {
  it.each<[string, string]>([
    ['as a text', String(value)],
    ['as JSON', JSON.stringify(value)],
    ['as JSON inside an object', JSON.stringify({ a: [value] })],
    ['inspected', inspect(value)],
    ['inspected with hidden fields', inspect({ a: value }, { showHidden: true, depth: 9 })],
    ['formatted', inspect(new Map([['a', value]]))],
    ['taken apart', JSON.stringify(Object.entries(value)) + Object.getOwnPropertyNames(value).join()],
    ['copied', JSON.stringify(structuredClone({ value }))],
    ['added to a text', 'a'.concat(value as unknown as string)],
  ])('does not show %s', (_title, shown) => {
    expect(shown).not.toMatch(/hunter2|104|68756e746572/);
  });

  it('prints as a mask', () => {
    expect([String(value), JSON.stringify(value), inspect(value)]).toEqual(['[secret]', '"[secret]"', '[secret]']);
  });

  it('gives its bytes and text out where it is asked to', () => {
    expect(Buffer.from(value.expose()).toString('utf8')).toBe(TEXT);
    expect(value.exposeText()).toBe(TEXT);
    expect(value.size).toBe(10);
  });

  it('reads the text of a part of a larger buffer', () => {
    const buffer = Buffer.from('before-inside-after');

    expect(new SecretValue(buffer.subarray(7, 13)).exposeText()).toBe('inside');
  });

  it('marks bytes that are no UTF-8', () => {
    expect(new SecretValue(Buffer.from([0x61, 0xff])).exposeText()).toBe('a\ufffd');
  });
});
