import { describe, expect, it } from 'vitest';
import { CIPHER_FUNCTIONS } from '../../../../src/template/functions/cipher-functions.ts';
import { GoInt } from '../../../../src/template/value.ts';
import { anEvaluation, bytes, callerOf } from './evaluation.ts';

const call = callerOf(CIPHER_FUNCTIONS);

/** What Helm 4.1 made with `encryptAES "secretkey" "plain text é"`. */
const FROM_HELM = '2elpJ93ZcEnUbeQuHYoruW77HDeyJKvTBvYUGFDbzjw=';

describe('encryptAES and decryptAES', () => {
  it('decrypts what Helm encrypted', () => {
    expect(call('decryptAES', ['secretkey', FROM_HELM])).toBe(bytes('plain text é'));
  });

  it('encrypts as Helm does from the same random block', () => {
    const block = Buffer.from(FROM_HELM, 'base64').subarray(0, 16);
    const evaluation = anEvaluation({ randomBytes: () => block });

    expect(call('encryptAES', ['secretkey', bytes('plain text é')], evaluation)).toBe(FROM_HELM);
  });

  it.each(['a', 'a'.repeat(16), 'a'.repeat(17), '\0\xff'])('decrypts what it encrypted (%#)', (text) => {
    const password = 'longer than the thirty-two bytes of a key';

    expect(call('decryptAES', [password, call('encryptAES', [password, text])])).toBe(text);
  });

  it.each(['encryptAES', 'decryptAES'])('%s leaves an empty text empty', (name) => {
    expect(call(name, ['k', ''])).toBe('');
  });

  it.each([
    ['no base64', 'hunter2!', 'illegal base64 data'],
    ['less than a block', 'AAAA', 'not made of whole blocks'],
    ['the random block alone', 'A'.repeat(22) + '==', 'not made of whole blocks'],
    ['half a block', 'A'.repeat(32), 'not made of whole blocks'],
    ['another password', FROM_HELM, 'the padding of the encrypted text is wrong'],
  ])('decryptAES fails with %s', (_title, text, message) => {
    expect(() => call('decryptAES', ['another', text])).toThrow(message);
  });
});

describe('randBytes', () => {
  it.each([
    [5, 'AAECAwQ='],
    [0, ''],
  ])('writes %i bytes in base64', (count, text) => {
    expect(call('randBytes', [new GoInt(count)])).toBe(text);
  });

  it.each([
    [-1, 'negative'],
    [1024 * 1024 + 1, 'more than 1 MiB'],
  ])('refuses %i bytes', (count, message) => {
    expect(() => call('randBytes', [new GoInt(count)])).toThrow(message);
  });
});
