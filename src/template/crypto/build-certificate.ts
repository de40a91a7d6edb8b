import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Evaluation } from '../template-function.ts';
import {
  type Asn1,
  bits,
  bitsOf,
  decode,
  encode,
  explicit,
  implicit,
  integer,
  itemsOf,
  octets,
  oid,
  sequence,
  yes,
} from './asn1.ts';
import { certificateName, certificateTime } from './certificate-fields.ts';
import { signatureAlgorithm, signWith } from './certificate-signature.ts';

const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const BASIC_CONSTRAINTS = '2.5.29.19';
const SUBJECT_KEY_ID = '2.5.29.14';
const AUTHORITY_KEY_ID = '2.5.29.35';
const SUBJECT_ALT_NAME = '2.5.29.17';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const VERSION_3 = 2;
const SERIAL_BYTES = 16;
const DNS_NAME = 2; // context tags of RFC 5280
const IP_ADDRESS = 7;
const SUBJECT_KEY_ID_BYTES = 20;

/** What is written into a certificate. Texts are byte strings. */
export interface CertificateContent {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  /** Four or sixteen bytes each. */
  readonly ipAddresses: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
  /** The private key; its public half is what is certified. */
  readonly key: KeyObject;
}

/** Who signs. */
export interface Issuer {
  /** The subject of its certificate. */
  readonly name: Asn1;
  readonly subjectKeyId: string;
  readonly key: KeyObject;
}

/** A certificate in DER as Go's x509 writes one of sprig's, signed by `issuer` or by its own key. */
export function buildCertificate(
  content: CertificateContent,
  issuer: Issuer | undefined,
  evaluation: Evaluation,
): string {
  const subject = certificateName(content.commonName);
  const { name, subjectKeyId, key } = issuer ?? { name: subject, subjectKeyId: '', key: content.key };
  const publicKey = decode(createPublicKey(content.key).export({ format: 'der', type: 'spki' }).toString('latin1'));
  const authorityKeyId = encode(name) === encode(subject) ? '' : subjectKeyId;
  const algorithm = signatureAlgorithm(key);

  const signed = sequence(
    explicit(0, integer(VERSION_3)),
    integer(BigInt(`0x${Buffer.from(evaluation.randomBytes(SERIAL_BYTES)).toString('hex')}`)),
    algorithm,
    name,
    sequence(certificateTime(content.notBefore), certificateTime(content.notAfter)),
    subject,
    publicKey,
    explicit(3, sequence(...extensions(content, publicKey, authorityKeyId))),
  );
  return encode(sequence(signed, algorithm, bits(signWith(key, encode(signed), evaluation))));
}

function extensions(content: CertificateContent, publicKey: Asn1, authorityKeyId: string): readonly Asn1[] {
  const { isAuthority, commonName } = content;
  const names = [
    ...content.dnsNames.map((name) => implicit(DNS_NAME, name)),
    ...content.ipAddresses.map((address) => implicit(IP_ADDRESS, address)),
  ];
  return [
    // digitalSignature and keyEncipherment, and keyCertSign of an authority
    extension(KEY_USAGE, isAuthority ? bits('\xa4', 2) : bits('\xa0', 5), true),
    extension(EXTENDED_KEY_USAGE, sequence(oid(SERVER_AUTH), oid(CLIENT_AUTH))),
    extension(BASIC_CONSTRAINTS, isAuthority ? sequence(yes()) : sequence(), true),
    ...(isAuthority ? [extension(SUBJECT_KEY_ID, octets(keyIdOf(publicKey)))] : []),
    ...(authorityKeyId === '' ? [] : [extension(AUTHORITY_KEY_ID, sequence(implicit(0, authorityKeyId)))]),
    // Critical where there is no other name: RFC 5280, 4.2.1.6.
    ...(names.length === 0 ? [] : [extension(SUBJECT_ALT_NAME, sequence(...names), commonName === '')]),
  ];
}

function extension(id: string, value: Asn1, isCritical = false): Asn1 {
  return sequence(oid(id), ...(isCritical ? [yes()] : []), octets(encode(value)));
}

/** RFC 7093, section 2, method 1. */
function keyIdOf(publicKey: Asn1): string {
  const bytes = bitsOf(itemsOf(publicKey)[1]);
  return createHash('sha256').update(bytes, 'latin1').digest().toString('latin1', 0, SUBJECT_KEY_ID_BYTES);
}
