import type { X509Certificate } from 'node:crypto';
import { TemplateError } from '../template-error.ts';
import { encodePem } from './pem-block.ts';

/** A certificate and the extensions that order it. Empty where it has none, which External Secrets does not tell apart. */
export interface ChainedCertificate {
  readonly certificate: X509Certificate;
  readonly der: string;
  readonly subjectKeyId: string;
  readonly authorityKeyId: string;
}

/**
 * From the leaf to the root, by key identifiers alone: it puts certificates in order and trusts none of them. Throws where
 * they are not one chain.
 */
export function orderChain(certificates: readonly ChainedCertificate[]): readonly ChainedCertificate[] {
  const parents = certificates.map((certificate) => parentOf(certificate, certificates));
  const leaves = certificates.filter((certificate) => !parents.includes(certificate));
  const [leaf] = leaves;
  if (leaf === undefined) throw new TemplateError('no leaf certificate found');
  if (leaves.length > 1) throw new TemplateError('found multiple leaf or disjunct certificates');
  return chainFrom(leaf, certificates);
}

/** The chain that begins with `leaf`. Throws where it comes back to itself. */
export function chainFrom(
  leaf: ChainedCertificate,
  certificates: readonly ChainedCertificate[],
): readonly ChainedCertificate[] {
  const chain = new Set<ChainedCertificate>();
  for (let next: ChainedCertificate | undefined = leaf; next !== undefined; next = parentOf(next, certificates)) {
    if (chain.has(next)) throw new TemplateError('constructing chain resulted in cycle');
    chain.add(next);
  }
  return [...chain];
}

export function isRoot({ authorityKeyId, subjectKeyId }: ChainedCertificate): boolean {
  return authorityKeyId === '' || authorityKeyId === subjectKeyId;
}

export function certificatesPem(certificates: readonly ChainedCertificate[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

function parentOf(
  certificate: ChainedCertificate,
  certificates: readonly ChainedCertificate[],
): ChainedCertificate | undefined {
  return certificates.find((other) => other !== certificate && other.subjectKeyId === certificate.authorityKeyId);
}
