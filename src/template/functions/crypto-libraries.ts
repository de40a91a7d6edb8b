import type bcrypt from 'bcryptjs';
import type forge from 'node-forge';
import { TemplateError } from '../template-error.ts';

/** Packages that few templates need, and that are too heavy for every process to load when it starts. */
export interface CryptoLibraries {
  /** ASN.1, PKCS#12's derivation of keys, and RC2, which Node's OpenSSL has no more. */
  readonly forge: typeof forge;
  readonly bcrypt: typeof bcrypt;
}

/** The functions that call `cryptoLibraries`: whoever renders a template with one of them loads the libraries before. */
export const NEEDS_LIBRARIES: ReadonlySet<string> = new Set([
  'bcrypt',
  'buildCustomCert',
  'certSANs',
  'filterCertChain',
  'fullPemToPkcs12',
  'fullPemToPkcs12Pass',
  'genCA',
  'genCAWithKey',
  'genPrivateKey',
  'genSelfSignedCert',
  'genSelfSignedCertWithKey',
  'genSignedCert',
  'genSignedCertWithKey',
  'htpasswd',
  'pemToPkcs12',
  'pemToPkcs12Pass',
  'pemTruststoreToPKCS12',
  'pemTruststoreToPKCS12Pass',
  'pkcs12cert',
  'pkcs12certPass',
  'pkcs12key',
  'pkcs12keyPass',
]);

let loaded: CryptoLibraries | undefined;

/** Functions are synchronous, so this is awaited before any of them is called. */
export async function loadCryptoLibraries(): Promise<void> {
  if (loaded !== undefined) return;
  const [forgeModule, bcryptModule] = await Promise.all([import('node-forge'), import('bcryptjs')]);
  loaded = { forge: forgeModule.default, bcrypt: bcryptModule.default };
}

/** Throws TemplateError where `loadCryptoLibraries` was not awaited. */
export function cryptoLibraries(): CryptoLibraries {
  if (loaded === undefined) throw new TemplateError('the libraries of this function are not loaded');
  return loaded;
}
