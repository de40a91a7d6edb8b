import { describe, expect, it } from 'vitest';
import { checkSecretSize, checkVariable, MAX_SECRET_BYTES, notUtf8Warning } from '../../../src/delivery/check-value.ts';
import { SecretValue } from '../../../src/secret-value.ts';

function ofSize(bytes: number): SecretValue {
  return new SecretValue(Buffer.alloc(bytes, 'x'));
}

describe('checkVariable', () => {
  it.each([
    ['an empty value', ofSize(0)],
    ['a value of several lines', SecretValue.fromText('a\nb\r\tü')],
    ['bytes that are no text', new SecretValue(Buffer.from([0xff, 1]))],
    ['the longest that Linux takes with its name, =, and end', ofSize(131_072 - 'NAME=\0'.length)],
  ])('takes %s', (_title, value) => {
    expect(() => checkVariable('NAME', value)).not.toThrow();
  });

  it('refuses a value that is one byte longer, with its size', () => {
    const value = ofSize(131_072 - 'NAME=\0'.length + 1);

    expect(() => checkVariable('NAME', value)).toThrow(
      'the value of NAME has 131067 bytes; a variable holds at most 131072 with its name',
    );
  });

  it('refuses a NUL byte', () => {
    expect(() => checkVariable('NAME', SecretValue.fromText('hunter2\0'))).toThrow(
      'the value of NAME holds a NUL byte, which no variable can carry',
    );
  });
});

describe('checkSecretSize', () => {
  it('takes what a Secret can hold', () => {
    const half = ofSize(MAX_SECRET_BYTES / 2);

    expect(() =>
      checkSecretSize(
        new Map([
          ['A', half],
          ['B', half],
        ]),
      ),
    ).not.toThrow();
  });

  it('refuses more, naming the largest keys', () => {
    const sizes: [string, number][] = [
      ['A', 10],
      ['B', MAX_SECRET_BYTES],
      ['C', 30],
      ['D', 20],
    ];

    const check = () => checkSecretSize(new Map(sizes.map(([key, size]) => [key, ofSize(size)])));

    expect(check).toThrow('the values have 1048636 bytes together (largest: B 1048576, C 30, D 20)');
  });
});

describe('notUtf8Warning', () => {
  it.each([
    ['text', SecretValue.fromText('grüße'), false],
    ['other bytes', new SecretValue(Buffer.from([0xc3, 0x28])), true],
  ])('warns of %s: %j', (_title, value, warns) => {
    expect(notUtf8Warning(value) !== undefined).toBe(warns);
  });
});
