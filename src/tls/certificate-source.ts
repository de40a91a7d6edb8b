import { createPrivateKey, X509Certificate } from 'node:crypto';
import { LatchkeyError } from '../errors.ts';
import type { SecretValue } from '../secret-value.ts';

/** A certificate chain with its key, checked to belong together. */
export interface ServingCertificate {
  readonly certificatePem: string;
  readonly keyPem: SecretValue;
  readonly notAfter: Date;
}

/** Where the server takes its certificate from, now and after each change. */
export interface CertificateSource {
  /** Undefined until there is one. */
  current(): ServingCertificate | undefined;
  /** Returns the function that ends it. */
  onChange(listener: () => void): () => void;
  /** Whether there is one that has not expired. */
  isReady(): boolean;
  stop(): Promise<void>;
}

/** Throws CONFIG_INVALID where either is no PEM or the key is another's; OpenSSL's words, which may quote, stay out. */
export function toServingCertificate(certificatePem: string, keyPem: SecretValue): ServingCertificate {
  const leaf = readPem('the certificate', () => new X509Certificate(certificatePem));
  const key = readPem('the private key', () => createPrivateKey(keyPem.exposeText()));
  if (!leaf.checkPrivateKey(key)) {
    throw new LatchkeyError('CONFIG_INVALID', 'the certificate and the private key do not belong together', {
      hint: 'Replace both at the same time',
    });
  }
  return { certificatePem, keyPem, notAfter: leaf.validToDate };
}

function readPem<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new LatchkeyError('CONFIG_INVALID', `${what} cannot be read as PEM`, { hint: 'Write it as PEM', cause });
  }
}

/** What a source serves now, and who wants to know when it is replaced. */
export class CurrentCertificate {
  #certificate: ServingCertificate | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  get(): ServingCertificate | undefined {
    return this.#certificate;
  }

  replace(certificate: ServingCertificate): void {
    this.#certificate = certificate;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  isReady(): boolean {
    return this.#certificate !== undefined && this.#now() < this.#certificate.notAfter;
  }
}
