import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCertificateAuthority, isDueForRenewal, normalizePem } from '../../../src/tls/certificate-authority.ts';

const NOW = new Date('2026-11-22T05:00:00Z');
const HOUR_MS = 3_600_000;

describe('createCertificateAuthority', () => {
  it('makes an ECDSA authority that begins an hour back and signs with SHA-256', async () => {
    const { certificatePem } = await createCertificateAuthority(24 * HOUR_MS, NOW);

    const certificate = new X509Certificate(certificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(certificate.signatureAlgorithm).toBe('ecdsa-with-SHA256');
    expect(certificate.validFromDate).toEqual(new Date('2026-11-22T04:00:00Z'));
    expect(certificate.validToDate).toEqual(new Date('2026-11-23T05:00:00Z'));
  });

  it('names each generation differently, so that a bundle of two verifies', async () => {
    const generations = await Promise.all([1, 2].map(() => createCertificateAuthority(HOUR_MS, NOW)));

    const [one, two] = generations.map(({ certificatePem }) => new X509Certificate(certificatePem).subject);
    expect(one).toMatch(/^CN=latchkey-ca-[0-9a-f]{12}$/);
    expect(one).not.toBe(two);
  });

  it('does not print its key', async () => {
    const authority = await createCertificateAuthority(HOUR_MS, NOW);

    expect(JSON.stringify(authority)).not.toContain('PRIVATE KEY');
  });
});

describe('isDueForRenewal', () => {
  it.each([
    [39, false],
    [40, true],
    [90, true],
  ])('after %d minutes of an hour it is %s', async (minutes, expected) => {
    const { certificatePem } = await createCertificateAuthority(HOUR_MS, NOW);

    expect(isDueForRenewal(certificatePem, new Date(NOW.getTime() + minutes * 60_000))).toBe(expected);
  });
});

it.each(['a\r\nb', ' a\nb\n\n', 'a\nb'])('ends each line of %j with one line feed', (pem) => {
  expect(normalizePem(pem)).toBe('a\nb\n');
});
