import { isIP } from 'node:net';
import { SecretValue } from '../secret-value.ts';
import { BACKDATE_MS, type CertificateAuthority, KEY_AND_SIGNATURE, normalizePem } from './certificate-authority.ts';
import { type ServingCertificate, toServingCertificate } from './certificate-source.ts';

export interface LeafRequest {
  /** DNS names and IP addresses, mixed. */
  readonly names: readonly string[];
  readonly lifetimeMs: number;
  readonly now: Date;
}

/** The names under which API servers call a Service; they check `<service>.<namespace>.svc`. */
export function serviceNames(service: string, namespace: string, extraNames: readonly string[]): readonly string[] {
  const host = `${service}.${namespace}.svc`;
  return [...new Set([host, `${host}.cluster.local`, ...extraNames])];
}

/** Signs a server certificate with a key of its own, which never leaves this process. It never outlives its authority. */
export async function signLeaf(authority: CertificateAuthority, request: LeafRequest): Promise<ServingCertificate> {
  // The default export: in a bundle a CommonJS package has no other.
  const { generate } = (await import('selfsigned')).default;
  const { names, lifetimeMs, now } = request;
  // With a key that is another's, signing would succeed and every handshake fail.
  const { notAfter: authorityEnd } = toServingCertificate(authority.certificatePem, authority.keyPem);
  // The common name is for people: verifiers look at the alternative names alone, and it may not be as long as they.
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'latchkey-webhook' }], {
    ...KEY_AND_SIGNATURE,
    notBeforeDate: new Date(now.getTime() - BACKDATE_MS),
    notAfterDate: new Date(Math.min(now.getTime() + lifetimeMs, authorityEnd.getTime())),
    ca: { cert: authority.certificatePem, key: authority.keyPem.exposeText() },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(alternativeName) },
    ],
  });
  return toServingCertificate(normalizePem(cert), SecretValue.fromText(key));
}

function alternativeName(name: string) {
  return isIP(name) === 0 ? ({ type: 2, value: name } as const) : ({ type: 7, ip: name } as const);
}
