import { randomBytes, X509Certificate } from 'node:crypto';
import { SecretValue } from '../secret-value.ts';

/** A certificate authority that may sign. */
export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly keyPem: SecretValue;
}

/** Clocks of replicas and API servers differ; certificates begin this long before they were made. */
export const BACKDATE_MS = 3_600_000;

/** One key type throughout: an elliptic leaf under an RSA authority fails. `algorithm` because the default is SHA-1. */
export const KEY_AND_SIGNATURE = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/**
 * Makes one generation. Each has a name of its own: without key identifiers, which `selfsigned` does not write, a
 * verifier finds the issuer in a bundle of two generations by name alone.
 */
export async function createCertificateAuthority(lifetimeMs: number, now: Date): Promise<CertificateAuthority> {
  // The default export: in a bundle a CommonJS package has no other.
  const { generate } = (await import('selfsigned')).default;
  const name = `latchkey-ca-${randomBytes(6).toString('hex')}`;
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    ...KEY_AND_SIGNATURE,
    notBeforeDate: new Date(now.getTime() - BACKDATE_MS),
    notAfterDate: new Date(now.getTime() + lifetimeMs),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { certificatePem: normalizePem(cert), keyPem: SecretValue.fromText(key) };
}

/** Whether two thirds of a certificate's life are over. */
export function isDueForRenewal(certificatePem: string, now: Date): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const madeMs = validFromDate.getTime() + BACKDATE_MS;
  return now.getTime() >= madeMs + ((validToDate.getTime() - madeMs) * 2) / 3;
}

/** Lines end with a line feed, the last one too, so that certificates can be strung together. */
export function normalizePem(pem: string): string {
  return `${pem.replaceAll('\r\n', '\n').trim()}\n`;
}
