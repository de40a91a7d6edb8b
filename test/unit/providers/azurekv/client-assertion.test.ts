import { createHash, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { parseClientCertificate, signClientAssertion } from '../../../../src/providers/azurekv/client-assertion.ts';

const NAME = [{ name: 'commonName', value: 'api' }];

describe('parseClientCertificate', () => {
  it.each([
    ['the certificate first', (cert: string, key: string) => `${cert}${key}`],
    ['the key first', (cert: string, key: string) => `${key}\n${cert}`],
  ])('reads PEM with %s', async (_, join) => {
    const { cert, private: key } = await generate(NAME, { algorithm: 'sha256' });

    const parsed = parseClientCertificate(join(cert, key));

    expect(parsed?.certificate.fingerprint256).toBe(new X509Certificate(cert).fingerprint256);
  });

  it('refuses what is no certificate with its RSA key', async () => {
    const [first, second] = [
      await generate(NAME, { algorithm: 'sha256' }),
      await generate(NAME, { algorithm: 'sha256' }),
    ];
    const elliptic = await generate(NAME, { keyType: 'ec', algorithm: 'sha256' });
    const useless = [
      '',
      'text',
      first.cert,
      first.private,
      first.cert + second.private,
      elliptic.cert + elliptic.private,
      `${first.cert}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`,
    ];

    expect(useless.map(parseClientCertificate)).toEqual(useless.map(() => undefined));
  });
});

describe('signClientAssertion', () => {
  it('says who asks whom for ten minutes, and which certificate signed', async () => {
    const { cert, private: key } = await generate(NAME, { algorithm: 'sha256' });
    const pair = parseClientCertificate(cert + key);
    if (pair === undefined) throw new Error('the pair is no pair');

    const jwt = signClientAssertion(pair, {
      clientId: 'client',
      audience: 'https://entra/t',
      nowMs: 1_767_323_045_678,
    });

    const [header, claims] = jwt
      .split('.')
      .slice(0, 2)
      .map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
    const thumbprint = createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');
    expect(header).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint });
    expect(claims).toEqual({
      aud: 'https://entra/t',
      iss: 'client',
      sub: 'client',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: 1_767_323_045,
      nbf: 1_767_323_045,
      exp: 1_767_323_645,
    });
  });
});
