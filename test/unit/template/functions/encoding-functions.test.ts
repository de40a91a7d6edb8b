import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENCODING_FUNCTIONS } from '../../../../src/template/functions/encoding-functions.ts';
import { HASH_FUNCTIONS } from '../../../../src/template/functions/hash-functions.ts';
import { bytes, callerOf } from './evaluation.ts';

const call = callerOf({ ...ENCODING_FUNCTIONS, ...HASH_FUNCTIONS });

describe('encodings', () => {
  it.each([
    ['b64enc', '\xff\0', '/wA='],
    ['b64enc', '', ''],
    ['b64dec', 'YQ==', 'a'],
    ['b64dec', 'YWJj', 'abc'],
    ['b64dec', 'Y\nW\r\nJj\n', 'abc'],
    ['b64dec', 'YQ=\n=', 'a'],
    ['b64dec', 'YR==', 'a'], // spare bits may be anything
    ['b64dec', '/wA=', '\xff\0'],
    ['b32enc', 'a', 'ME======'],
    ['b32enc', 'abc', 'MFRGG==='],
    ['b32enc', 'abcde\xff', 'MFRGGZDF74======'],
    ['b32enc', '', ''],
    ['b32dec', 'MFRGG===', 'abc'],
    ['b32dec', 'MF======', 'a'],
    ['b32dec', 'MFRGG===X', 'abc'], // nothing is read after the padding
    ['b32dec', 'MFRGGZDF\nMFRGG===', 'abcdeabc'],
    ['hexdec', '00fF', '\0\xff'],
    ['hexdec', '', ''],
  ])('%s of %j is %j', (name, text, expected) => {
    const converted = call(name, [text]);

    expect(converted).toBe(expected);
  });

  it.each([
    ['b64dec', 'YWJ', 0],
    ['b64dec', 'YWJjY', 4],
    ['b64dec', 'YW Jj', 2],
    ['b64dec', 'YWJj=', 4],
    ['b64dec', 'YQ==x', 4],
    ['b64dec', 'YQ=a', 2],
    ['b64dec', 'YQ=', 3],
    ['b64dec', 'Y=', 1],
    ['b64dec', '====', 0],
    ['b64dec', 'YWJjZA==YQ==', 8],
    ['b64dec', '_-8=', 0],
    ['b64dec', '\nYW\n', 2],
    ['b32dec', 'MFRGG', 0],
    ['b32dec', 'mfrgg===', 0],
    ['b32dec', 'MFRGG==', 7],
    ['b32dec', 'M', 0],
    ['b32dec', 'MFR=====', 3],
    ['b32dec', 'MF=A====', 2],
    ['b32dec', 'MFRGGZDFM', 8],
  ])('%s of %j is the text of an error at byte %i', (name, text, offset) => {
    const converted = call(name, [text]);

    expect(converted).toBe(`illegal ${name === 'b64dec' ? 'base64' : 'base32'} data at input byte ${offset}`);
  });

  it.each([
    ['0', 'odd length hex string'],
    ['aFq', "invalid byte: U+0071 'q'"],
    [bytes('é0'), bytes("invalid byte: U+00C3 'Ã'")],
    ['0\n', 'invalid byte: U+000A'],
    ['a1\x7f', 'invalid byte: U+007F'],
    ['\xad0', 'invalid byte: U+00AD'],
  ])('hexdec of %j is the text of an error', (text, message) => {
    const converted = call('hexdec', [text]);

    expect(converted).toBe(`encoding/hex: ${message}`);
  });

  it.each([
    ['b64enc', 'b64dec'],
    ['b32enc', 'b32dec'],
  ])('%s is undone by %s', (encode, decode) => {
    assert(
      property(uint8Array({ maxLength: 40 }), (data) => {
        const text = Buffer.from(data).toString('latin1');

        expect(call(decode, [call(encode, [text])])).toBe(text);
      }),
    );
  });
});

describe('check sums', () => {
  it.each([
    ['sha1sum', '\xc3\xa9\xff', 'bc6b49e55c6a0e188db0a75ccf9b4209875da7ce'],
    ['sha256sum', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['adler32sum', '', '1'],
    ['adler32sum', 'a', '6422626'],
    ['adler32sum', 'Wikipedia', '300286872'],
    [
      'sha512sum',
      'a',
      '1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75',
    ],
  ])('%s of %j is %s', (name, text, expected) => {
    const sum = call(name, [text]);

    expect(sum).toBe(expected);
  });

  it.each([...Object.keys(ENCODING_FUNCTIONS), ...Object.keys(HASH_FUNCTIONS)])(
    '%s counts the size of its text',
    (name) => {
      expect(() => call(name, ['a'.repeat(200_000_000)])).toThrow('too many steps');
    },
  );
});
