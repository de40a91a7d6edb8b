import { constants, createPrivateKey, createPublicKey, publicEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RSA_FUNCTIONS } from '../../../../src/template/functions/rsa-functions.ts';
import { LEAF_KEY, RSA_KEY_PKCS1 } from './crypto-fixtures.ts';
import { callerOf } from './evaluation.ts';

const call = callerOf(RSA_FUNCTIONS);
const PLAIN = 'pass\0word\xff';

function encrypt(oaepHash: string): string {
  const key = createPublicKey(RSA_KEY_PKCS1);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key, padding, oaepHash }, Buffer.from(PLAIN, 'latin1')).toString('latin1');
}

describe('rsaDecrypt', () => {
  it.each([
    ['None', 'sha256'],
    ['SHA1', 'sha1'],
    ['SHA256', 'sha256'],
    ['SHA512', 'sha512'],
    ['MD5', 'sha256'],
  ])('decrypts RSA-OAEP, where the hash %s is %s', (hash, oaepHash) => {
    expect(call('rsaDecrypt', ['RSA-OAEP', hash, encrypt(oaepHash), RSA_KEY_PKCS1])).toBe(PLAIN);
  });

  it('takes a key in PKCS#8', () => {
    const key = createPrivateKey(RSA_KEY_PKCS1).export({ format: 'pem', type: 'pkcs8' }).toString();

    expect(call('rsaDecrypt', ['RSA-OAEP', 'SHA1', encrypt('sha1'), key])).toBe(PLAIN);
  });

  it('hands the text back where the scheme is None', () => {
    expect(call('rsaDecrypt', ['None', 'None', PLAIN, ''])).toBe(PLAIN);
  });

  it.each([
    ['another scheme', ['RSA-PSS', 'SHA1', '', RSA_KEY_PKCS1], 'the decryption scheme is not supported'],
    ['no PEM', ['RSA-OAEP', 'SHA1', '', 'hunter2'], 'failed to decode PEM block'],
    ['an EC key', ['RSA-OAEP', 'SHA1', '', LEAF_KEY], 'could not parse RSA private key'],
    [
      'no key in the PEM',
      ['RSA-OAEP', 'SHA1', '', '-----BEGIN X-----\nAAAA\n-----END X-----\n'],
      'could not parse private key: unable to parse',
    ],
    ['another hash', ['RSA-OAEP', 'SHA1', encrypt('sha256'), RSA_KEY_PKCS1], 'error decrypting data with RSA'],
    ['a text of another length', ['RSA-OAEP', 'SHA1', 'hunter2', RSA_KEY_PKCS1], 'error decrypting data with RSA'],
  ])('fails with %s', (_title, args, message) => {
    expect(() => call('rsaDecrypt', args)).toThrow(message);
  });
});
