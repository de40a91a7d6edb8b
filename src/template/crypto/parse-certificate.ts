import { X509Certificate } from 'node:crypto';
import { TemplateError } from '../template-error.ts';
import { type Asn1, bytesOf, decode, isContext, isUniversal, itemsOf, oidOf } from './asn1.ts';
import type { ChainedCertificate } from './certificate-chain.ts';
import { ipAddressText } from './ip-address.ts';
import { decodeAllPem } from './pem-block.ts';

const SUBJECT_KEY_ID = '2.5.29.14';
const SUBJECT_ALT_NAME = '2.5.29.17';
const AUTHORITY_KEY_ID = '2.5.29.35';

const EXTENSIONS = 3; // the context tags of RFC 5280
const KEY_IDENTIFIER = 0;
const RFC822_NAME = 1;
const DNS_NAME = 2;
const URI = 6;
const IP_ADDRESS = 7;

export function parseCertificate(der: string): ChainedCertificate {
  return {
    certificate: readCertificate(der),
    der,
    subjectKeyId: readSubjectKeyId(extensionOf(der, SUBJECT_KEY_ID)),
    authorityKeyId: readAuthorityKeyId(extensionOf(der, AUTHORITY_KEY_ID)),
  };
}

/** Every block of a text, each of which has to be a certificate. */
export function parseCertificates(text: string): readonly ChainedCertificate[] {
  return decodeAllPem(text).blocks.map(({ bytes }) => parseCertificate(bytes));
}

/** In the order of Go's fields: DNS names, addresses, e-mail addresses, URIs. */
export function alternativeNames(der: string): readonly string[] {
  readCertificate(der);
  const extension = extensionOf(der, SUBJECT_ALT_NAME);
  const names = extension === undefined ? [] : itemsOf(extension);
  return [
    ...names.filter((name) => isContext(name, DNS_NAME)).map(bytesOf),
    ...names.filter((name) => isContext(name, IP_ADDRESS)).map((name) => ipAddressText(bytesOf(name))),
    ...names.filter((name) => isContext(name, RFC822_NAME)).map(bytesOf),
    ...names.filter((name) => isContext(name, URI)).map(bytesOf),
  ];
}

/** The fields of what is signed, from the serial number on: the version is optional before it. */
export function certificateFields(der: string): readonly Asn1[] {
  const fields = itemsOf(itemsOf(decode(der))[0]);
  return isContext(fields[0], 0) ? fields.slice(1) : fields;
}

function readCertificate(der: string): X509Certificate {
  try {
    const certificate = new X509Certificate(Buffer.from(der, 'latin1'));
    // OpenSSL also takes PEM, and something behind the certificate.
    if (certificate.raw.toString('latin1') === der) return certificate;
  } catch {
    // told below, without OpenSSL's words
  }
  throw new TemplateError('malformed certificate');
}

function extensionOf(der: string, id: string): Asn1 | undefined {
  const extensions = certificateFields(der).find((field) => isContext(field, EXTENSIONS));
  if (extensions === undefined) return undefined;
  const found = itemsOf(itemsOf(extensions)[0]).find((extension) => oidOf(itemsOf(extension)[0]) === id);
  return found === undefined ? undefined : decode(bytesOf(itemsOf(found).at(-1)));
}

function readSubjectKeyId(extension: Asn1 | undefined): string {
  return isUniversal(extension, 'octets') ? bytesOf(extension) : '';
}

function readAuthorityKeyId(extension: Asn1 | undefined): string {
  if (extension === undefined) return '';
  const keyId = itemsOf(extension).find((item) => isContext(item, KEY_IDENTIFIER));
  return keyId === undefined ? '' : bytesOf(keyId);
}
