import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeyFile, signAssertion } from '../../../../src/providers/gcpsm/key-file.ts';
import { SecretValue } from '../../../../src/secret-value.ts';

const SELECTOR = { kind: 'Secret', namespace: 'payments', name: 'gcp', key: 'key.json' } as const;
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const FILE = {
  type: 'service_account',
  client_email: 'api@acme.iam.gserviceaccount.com',
  private_key_id: 'key-1',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  token_uri: 'https://attacker.example.com/token',
};

function parse(file: unknown) {
  return parseKeyFile(SecretValue.fromText(typeof file === 'string' ? file : JSON.stringify(file)), SELECTOR);
}

describe('parseKeyFile', () => {
  it('reads what gcloud writes', () => {
    expect(parse(FILE)).toMatchObject({ email: FILE.client_email, keyId: 'key-1' });
  });

  it.each([
    ['no JSON', 'secret-words'],
    ['a list', []],
    ['credentials of a user', { ...FILE, type: 'authorized_user' }],
    ['no service account', { ...FILE, client_email: 'someone@example.com' }],
    ['no key id', { ...FILE, private_key_id: undefined }],
    ['no key', { ...FILE, private_key: 'secret-words' }],
    [
      'a key of another kind',
      { ...FILE, private_key: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) },
    ],
  ])('refuses %s without a word of it', (_what, file) => {
    expect(() => parse(file)).toThrow(
      /^Secret payments\/gcp \(key key\.json\) holds no key of a Google service account$/,
    );
  });
});

describe('signAssertion', () => {
  it('asks for a token as RFC 7523 says, for ten minutes', () => {
    const jwt = signAssertion(parse(FILE), { scope: 'all', nowMs: 1_800_000_000_500 });

    const parts = jwt.split('.');
    const [header, claims] = parts
      .slice(0, 2)
      .map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()));
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(claims).toEqual({
      iss: 'api@acme.iam.gserviceaccount.com',
      scope: 'all',
      aud: 'https://oauth2.googleapis.com/token',
      iat: 1_800_000_000,
      exp: 1_800_000_600,
    });
    const signed = Buffer.from(parts.slice(0, 2).join('.'));
    expect(verify('sha256', signed, publicKey, Buffer.from(parts[2] ?? '', 'base64url'))).toBe(true);
  });
});
