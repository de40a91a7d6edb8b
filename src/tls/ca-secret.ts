import { X509Certificate } from 'node:crypto';
import { SecretValue } from '../secret-value.ts';
import { type CertificateAuthority, normalizePem } from './certificate-authority.ts';
import { type OwnSecretPlace, readOwnSecret } from './own-secret.ts';
import type { SecretFormat } from './rotating-secret.ts';
import { acceptedValues, type Rotation } from './rotation.ts';

/** An authority that is trusted; one that signs no more has no key. */
export interface TrustedAuthority {
  readonly certificatePem: string;
  readonly keyPem?: SecretValue;
}

/**
 * The Secret of the certificate authority, of type Opaque:
 *
 *     ca.crt                      every authority that is trusted now, newest first; what `caBundle` gets
 *     tls.crt, tls.key            the authority that signs
 *     next.crt, next.key          the one that will, trusted already
 *     previous.crt                the one that did, trusted until its last leaf has expired; its key is gone
 */
export const caFormat: SecretFormat<TrustedAuthority> = {
  write(rotation) {
    const { current, next, previous } = rotation;
    return {
      'ca.crt': SecretValue.fromText(caBundleOf(rotation)),
      ...pair('tls', current.value),
      ...(next && pair('next', next.value)),
      ...(previous && { 'previous.crt': SecretValue.fromText(previous.value.certificatePem) }),
    };
  },

  read(place, values) {
    const name = place === 'current' ? 'tls' : place;
    const certificatePem = values.get(`${name}.crt`)?.exposeText();
    const keyPem = values.get(`${name}.key`);
    if (certificatePem === undefined || !isCertificate(certificatePem)) return undefined;
    if (place === 'previous') return { certificatePem };
    return keyPem && { certificatePem, keyPem };
  },
};

export function caBundleOf(rotation: Rotation<TrustedAuthority>): string {
  return acceptedValues(rotation)
    .map(({ certificatePem }) => normalizePem(certificatePem))
    .join('');
}

/** The authority that signs now, read anew each time; undefined until the controller has made it. */
export type CaReader = (signal: AbortSignal) => Promise<CertificateAuthority | undefined>;

export function createCaReader(place: OwnSecretPlace): CaReader {
  return async (signal) => {
    const secret = await readOwnSecret(place, signal);
    const authority = secret && caFormat.read('current', secret.values);
    return authority?.keyPem && { certificatePem: authority.certificatePem, keyPem: authority.keyPem };
  };
}

function pair(name: string, { certificatePem, keyPem }: TrustedAuthority): Record<string, SecretValue> {
  const certificate = { [`${name}.crt`]: SecretValue.fromText(certificatePem) };
  return keyPem === undefined ? certificate : { ...certificate, [`${name}.key`]: keyPem };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
