import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { JWK_FUNCTIONS } from '../../../../src/template/functions/jwk-functions.ts';
import { ED25519_KEY, LEAF_KEY, RSA_KEY_PKCS1 } from './crypto-fixtures.ts';
import { callerOf } from './evaluation.ts';

const call = callerOf(JWK_FUNCTIONS);

const KEYS = [
  { kind: 'RSA', pem: RSA_KEY_PKCS1 },
  { kind: 'EC', pem: LEAF_KEY },
  { kind: 'Ed25519', pem: ED25519_KEY },
];
const privateJwk = (pem: string) => createPrivateKey(pem).export({ format: 'jwk' });
const publicJwk = (pem: string) => createPublicKey(pem).export({ format: 'jwk' });

describe('jwkPublicKeyPem', () => {
  it.each(KEYS)('writes a public key: $kind', ({ pem }) => {
    const jwk = JSON.stringify({ ...publicJwk(pem), kid: 'ключ', use: 'sig' });

    expect(call('jwkPublicKeyPem', [jwk])).toBe(createPublicKey(pem).export({ format: 'pem', type: 'spki' }));
  });

  it('makes no public key of a private one', () => {
    expect(() => call('jwkPublicKeyPem', [JSON.stringify(privateJwk(LEAF_KEY))])).toThrow('is a private key');
  });
});

describe('jwkPrivateKeyPem', () => {
  it.each(KEYS)('writes a private key: $kind', ({ pem }) => {
    const jwk = JSON.stringify(privateJwk(pem));

    expect(call('jwkPrivateKeyPem', [jwk])).toBe(createPrivateKey(pem).export({ format: 'pem', type: 'pkcs8' }));
  });

  it.each([
    ['all that follows from its primes', ['dp', 'dq', 'qi']],
    ['one of these numbers', ['dp']],
  ])('completes an RSA key that lacks %s', (_title, names) => {
    const short = Object.fromEntries(
      Object.entries(privateJwk(RSA_KEY_PKCS1)).filter(([name]) => !names.includes(name)),
    );

    const pem = call('jwkPrivateKeyPem', [JSON.stringify(short)]);

    expect(pem).toBe(createPrivateKey(RSA_KEY_PKCS1).export({ format: 'pem', type: 'pkcs8' }));
  });

  it('has no private key in a public one', () => {
    expect(() => call('jwkPrivateKeyPem', [JSON.stringify(publicJwk(LEAF_KEY))])).toThrow('is not a private key');
  });
});

it.each([
  ['no JSON', '{"kty":"RSA", hunter2', 'the text is no JSON Web Key'],
  ['no object', '"kty"', 'the text is no JSON Web Key'],
  ['no kind', '{"d":"hunter2"}', 'the text is no JSON Web Key'],
  ['a symmetric key', '{"kty":"oct","d":"","k":"hunter2"}', 'malformed, or of a kind that has no PEM'],
  [
    'an unknown curve',
    '{"kty":"EC","crv":"hunter2","x":"AA","y":"AA","d":"AA"}',
    'malformed, or of a kind that has no PEM',
  ],
  ['primes that are none', '{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ","p":"Ag","q":"Ag"}', 'malformed, or of a kind'],
  ['a number of another type', '{"kty":"RSA","n":5,"e":"AQAB","d":"AQ"}', 'malformed, or of a kind'],
])('refuses %s and repeats nothing of it', (_title, jwk, message) => {
  const refused = () => call('jwkPrivateKeyPem', [jwk]);

  expect(refused).toThrow(message);
  expect(refused).not.toThrow('hunter2');
});
