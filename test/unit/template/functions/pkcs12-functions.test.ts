import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadCryptoLibraries } from '../../../../src/template/functions/crypto-libraries.ts';
import { PKCS12_FUNCTIONS } from '../../../../src/template/functions/pkcs12-functions.ts';
import { TemplateError } from '../../../../src/template/template-error.ts';
import {
  DISJOINT_P12,
  ED25519,
  ED25519_KEY,
  ED25519_P12,
  GO_CHAIN_P12,
  GO_PBMAC1_P12,
  GO_TRUST_STORE_P12,
  INTERMEDIATE,
  LEAF,
  LEAF_KEY,
  LEAF_KEY_SEC1,
  OTHER,
  PLAIN_P12,
  RC2_P12,
  ROOT,
  RSA,
  RSA_KEY_PKCS1,
  RSA_P12,
  TRIPLE_DES_P12,
} from './crypto-fixtures.ts';
import { anEvaluation, bytes, callerOf } from './evaluation.ts';

const callPkcs12 = callerOf(PKCS12_FUNCTIONS);
function call(name: string, ...args: readonly string[]): string {
  const result = callPkcs12(name, args);
  if (typeof result !== 'string') throw new Error(`${name} returned no text`);
  return result;
}

const raw = (base64: string) => Buffer.from(base64, 'base64').toString('latin1');
const PASSWORD = bytes('pä€s');
const RSA_KEY = String(createPrivateKey(RSA_KEY_PKCS1).export({ format: 'pem', type: 'pkcs8' }));

beforeAll(loadCryptoLibraries);

describe('reading PKCS#12', () => {
  it.each([
    { title: 'RC2 and 3DES', file: RC2_P12, password: 'changeit', key: LEAF_KEY, chain: LEAF + INTERMEDIATE + ROOT },
    {
      title: 'AES, and certificates of two chains',
      file: DISJOINT_P12,
      password: 'changeit',
      key: LEAF_KEY,
      chain: LEAF + INTERMEDIATE + ROOT + OTHER,
    },
    {
      title: 'an Ed25519 key, and a password beyond ASCII',
      file: ED25519_P12,
      password: PASSWORD,
      key: ED25519_KEY,
      chain: ED25519,
    },
    { title: 'an RSA key, and a MAC with SHA-512', file: RSA_P12, password: 'changeit', key: RSA_KEY, chain: RSA },
    { title: 'nothing encrypted', file: PLAIN_P12, password: 'changeit', key: LEAF_KEY, chain: LEAF },
    { title: 'the MAC of RFC 9579', file: GO_PBMAC1_P12, password: 'changeit', key: LEAF_KEY, chain: LEAF },
  ])('takes key and certificates out of a file with $title', ({ file, password, key, chain }) => {
    expect(call('pkcs12keyPass', password, raw(file))).toBe(key);
    expect(call('pkcs12certPass', password, raw(file))).toBe(chain);
  });

  it('takes key and certificates out of a file with 3DES and an empty password', () => {
    expect(call('pkcs12key', raw(TRIPLE_DES_P12))).toBe(LEAF_KEY);
    expect(call('pkcs12cert', raw(TRIPLE_DES_P12))).toBe(LEAF + INTERMEDIATE + ROOT);
  });

  it.each([
    [
      'a wrong password',
      'pkcs12keyPass',
      'changed',
      RC2_P12,
      'unable to decode pkcs12 with password: pkcs12: decryption password incorrect',
    ],
    [
      'a wrong password',
      'pkcs12certPass',
      'changed',
      DISJOINT_P12,
      'unable to decode pkcs12 certificate with password: pkcs12: decryption password incorrect',
    ],
    ['no password where there is one', 'pkcs12keyPass', '', RC2_P12, 'pkcs12: decryption password incorrect'],
    ['a password in Latin-1', 'pkcs12keyPass', 'p\xe4\u0080s', ED25519_P12, 'pkcs12: decryption password incorrect'],
    ['a trust store', 'pkcs12certPass', '', GO_TRUST_STORE_P12, 'pkcs12: private key missing'],
    ['something before the file', 'pkcs12keyPass', 'changeit', `AAAA${RC2_P12}`, 'malformed ASN.1'],
    ['nothing', 'pkcs12keyPass', 'changeit', '', 'malformed ASN.1'],
  ])('fails with %s (%s)', (_title, name, password, file, message) => {
    expect(() => call(name, password, raw(file))).toThrow(message);
  });

  it.each([RC2_P12, DISJOINT_P12, GO_PBMAC1_P12])('reads nothing wrong out of a damaged file (%#)', (file) => {
    const whole = raw(file);
    const places = Array.from({ length: 60 }, (_, index) => Math.floor((whole.length * index) / 60));
    const cut = places.map((at) => whole.slice(0, at));
    const changed = places.map(
      (at) => `${whole.slice(0, at)}${String.fromCharCode(whole.charCodeAt(at) ^ 0x55)}${whole.slice(at + 1)}`,
    );

    const outcomes = [...cut, ...changed, `${whole}\0`].map((damaged) => {
      try {
        return call('pkcs12keyPass', 'changeit', damaged);
      } catch (error) {
        return error instanceof TemplateError ? 'refused' : error;
      }
    });

    expect(outcomes.slice(0, cut.length)).toEqual(cut.map(() => 'refused'));
    expect(outcomes.at(-1)).toBe('refused');
    expect(outcomes.filter((outcome) => outcome !== 'refused' && outcome !== LEAF_KEY)).toEqual([]);
  });

  it('refuses to hash a password as often as a file wants', () => {
    const often = `${raw(DISJOINT_P12).slice(0, -2)}\x7f\xff`;
    const evaluation = anEvaluation({
      spend: (steps) => {
        if (steps > 32_000) throw new TemplateError('too many steps');
      },
    });

    expect(() => callPkcs12('pkcs12keyPass', ['changeit', often], evaluation)).toThrow('too many steps');
  });
});

describe('writing PKCS#12', () => {
  const sevens = anEvaluation({ randomBytes: (size) => new Uint8Array(size).fill(7) });

  it('writes a chain as go-pkcs12 does, byte for byte', () => {
    expect(callPkcs12('fullPemToPkcs12Pass', [LEAF + INTERMEDIATE + ROOT, LEAF_KEY, PASSWORD], sevens)).toBe(
      GO_CHAIN_P12,
    );
  });

  it('writes a trust store as go-pkcs12 does, byte for byte', () => {
    expect(callPkcs12('pemTruststoreToPKCS12', [INTERMEDIATE + ROOT], sevens)).toBe(GO_TRUST_STORE_P12);
  });

  it.each([
    { title: 'EC in PKCS#8', certificate: LEAF, key: LEAF_KEY, read: LEAF_KEY },
    { title: 'EC in SEC 1', certificate: LEAF, key: LEAF_KEY_SEC1, read: LEAF_KEY },
    { title: 'Ed25519', certificate: ED25519, key: ED25519_KEY, read: ED25519_KEY },
    { title: 'RSA in PKCS#1', certificate: RSA, key: RSA_KEY_PKCS1, read: RSA_KEY },
  ])('writes what it reads again: $title', ({ certificate, key, read }) => {
    const withPassword = raw(call('pemToPkcs12Pass', certificate, key, PASSWORD));
    const without = raw(call('pemToPkcs12', certificate, key));

    expect(call('pkcs12keyPass', PASSWORD, withPassword)).toBe(read);
    expect(call('pkcs12certPass', PASSWORD, withPassword)).toBe(certificate);
    expect(call('pkcs12key', without)).toBe(read);
    expect(call('pkcs12cert', without)).toBe(certificate);
  });

  it('takes the first certificate alone, or all of them', () => {
    const chain = LEAF + INTERMEDIATE + ROOT;

    expect(call('pkcs12cert', raw(call('pemToPkcs12', chain, LEAF_KEY)))).toBe(LEAF);
    expect(call('pkcs12cert', raw(call('fullPemToPkcs12', `${chain}\n\n`, LEAF_KEY)))).toBe(chain);
  });

  it.each([
    ['pemToPkcs12', ['no certificate', LEAF_KEY], 'no PEM data in the certificate'],
    ['pemToPkcs12', [LEAF, 'no key'], 'no PEM data in the private key'],
    ['pemToPkcs12', [LEAF_KEY, LEAF_KEY], 'malformed certificate'],
    ['pemToPkcs12', [LEAF, LEAF], 'unable to parse private key type'],
    ['fullPemToPkcs12', [LEAF + LEAF_KEY, LEAF_KEY], 'malformed certificate'],
    ['pemTruststoreToPKCS12', [LEAF_KEY], 'malformed certificate'],
  ])('%s fails with the wrong blocks (%#)', (name, args, message) => {
    expect(() => call(name, ...args)).toThrow(message);
  });
});

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';
if (!openssl.startsWith('OpenSSL 3'))
  process.stdout.write('skipped: PKCS#12 against OpenSSL, which is not here in version 3\n');

describe.runIf(openssl.startsWith('OpenSSL 3'))('OpenSSL', () => {
  const read = (file: string, password: string, ...options: readonly string[]) =>
    execFileSync('openssl', ['pkcs12', '-passin', `pass:${password}`, '-nodes', ...options], {
      input: Buffer.from(file, 'base64'),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });

  it.each([
    { title: 'EC', certificate: LEAF + INTERMEDIATE, key: LEAF_KEY, pkcs8: LEAF_KEY, password: 'changeit' },
    { title: 'Ed25519', certificate: ED25519, key: ED25519_KEY, pkcs8: ED25519_KEY, password: 'pä€s' },
    { title: 'RSA', certificate: RSA, key: RSA_KEY_PKCS1, pkcs8: RSA_KEY, password: '' },
  ])('reads what is written: $title', ({ certificate, key, pkcs8, password }) => {
    const text = read(call('fullPemToPkcs12Pass', certificate, key, bytes(password)), password);

    expect(text).toContain(pkcs8);
    for (const block of certificate.split(/(?<=END CERTIFICATE-----\n)/)) expect(text).toContain(block);
  });

  it('reads a trust store, whose entries have the names of their subjects', () => {
    const text = read(call('pemTruststoreToPKCS12Pass', INTERMEDIATE + ROOT, 'changeit'), 'changeit', '-nokeys');

    expect(text).toContain(ROOT);
    expect(text).toContain('friendlyName: CN=root,O=Example');
  });
});
