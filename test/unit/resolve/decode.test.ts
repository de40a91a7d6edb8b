import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { decodeValue } from '../../../src/resolve/decode.ts';
import { SecretValue } from '../../../src/secret-value.ts';

function decode(text: string, strategy: Parameters<typeof decodeValue>[1]): string {
  return Buffer.from(decodeValue(SecretValue.fromText(text), strategy, { key: 'prod/cert' }).expose()).toString(
    'latin1',
  );
}

describe('decodeValue', () => {
  it.each([
    ['none', 'aGk=', 'aGk='],
    ['base64', 'aGk=', 'hi'],
    ['base64', 'aG\r\nk=\n', 'hi'],
    ['base64', '', ''],
    ['base64', '+/+/', '\xfb\xff\xbf'],
    ['base64', 'aGl=', 'hi'],
    ['base64url', '-_-_', '\xfb\xff\xbf'],
    ['auto', 'aGk=', 'hi'],
    ['auto', '-_-_', '\xfb\xff\xbf'],
    ['auto', 'not base64', 'not base64'],
    ['auto', 'a+_=', 'a+_='],
    ['auto', 'word', '\xc2\x8a\xdd'],
  ] as const)('by %s makes %j %j', (strategy, text, expected) => {
    expect(decode(text, strategy)).toBe(expected);
  });

  it.each([
    ['base64', 'aGk'],
    ['base64', 'aGk=='],
    ['base64', 'aG k='],
    ['base64', ' aGk='],
    ['base64', 'a==='],
    ['base64', '===='],
    ['base64', 'aGk=aGk='],
    ['base64', '-_-_'],
    ['base64', 'aGk\u00e9'],
    ['base64url', '+/+/'],
    ['base64url', 'aGk'],
  ] as const)('by %s refuses %j as Go does, without quoting it', (strategy, text) => {
    expect(refusal(() => decode(text, strategy))).toBe(
      `the value of "prod/cert" is not valid ${strategy}. Correct the value, or the decoding strategy. [VALUE_INVALID]`,
    );
  });

  it('gives back what was encoded', () => {
    assert(
      property(uint8Array(), (bytes) => {
        const encoded = SecretValue.fromText(Buffer.from(bytes).toString('base64'));

        const decoded = decodeValue(encoded, 'base64', { key: 'k' });

        expect(Buffer.from(decoded.expose()).equals(bytes)).toBe(true);
      }),
    );
  });
});

function refusal(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return LatchkeyError.from(error).line;
  }
}
