import { createHash } from 'node:crypto';
import type { Evaluation } from '../template-function.ts';
import { type Asn1, bmpText, encode, explicit, implicit, integer, octets, oid, sequence, setOf } from './asn1.ts';
import { encryptWithPassword } from './password-based-encryption.ts';
import { createMac } from './pkcs12-mac.ts';
import type { Pkcs12Password } from './pkcs12-password.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const JAVA_TRUST_STORE = '2.16.840.1.113894.746875.1.1';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

const ITERATIONS = 2048; // as OpenSSL and go-pkcs12
const SALT_BYTES = 16;
const IV_BYTES = 16;

/** A PFX with one key (PKCS#8), its certificate and those above it, all DER; as go-pkcs12 writes it, byte for byte. */
export function writePkcs12(
  content: { readonly key: string; readonly certificate: string; readonly authorities: readonly string[] },
  password: Pkcs12Password,
  evaluation: Evaluation,
): string {
  const fingerprint = createHash('sha1').update(content.certificate, 'latin1').digest().toString('latin1');
  const localKeyId = attribute(LOCAL_KEY_ID, octets(fingerprint));
  const { algorithm, encrypted } = encrypt(content.key, password, evaluation);
  const keyBag = bag(SHROUDED_KEY_BAG, sequence(algorithm, octets(encrypted)), [localKeyId]);
  const certificateBags = [
    certificateBag(content.certificate, [localKeyId]),
    ...content.authorities.map((authority) => certificateBag(authority, [])),
  ];
  const safes = [encryptedSafe(certificateBags, password, evaluation), dataSafe(encode(sequence(keyBag)))];
  return seal(safes, password, evaluation);
}

/** A PFX of certificates alone, each marked as an anchor for every purpose, which is how Java knows trust stores. */
export function writeTrustStore(
  entries: readonly { readonly certificate: string; readonly friendlyName: string }[],
  password: Pkcs12Password,
  evaluation: Evaluation,
): string {
  const bags = entries.map(({ certificate, friendlyName }) =>
    certificateBag(certificate, [
      attribute(JAVA_TRUST_STORE, oid(ANY_EXTENDED_KEY_USAGE)),
      attribute(FRIENDLY_NAME, bmpText(friendlyName)),
    ]),
  );
  return seal([encryptedSafe(bags, password, evaluation)], password, evaluation);
}

function seal(safes: readonly Asn1[], password: Pkcs12Password, evaluation: Evaluation): string {
  const content = encode(sequence(...safes));
  const mac = createMac(
    content,
    password,
    { salt: randomText(evaluation, SALT_BYTES), iterations: ITERATIONS },
    evaluation,
  );
  return encode(sequence(integer(3), dataSafe(content), mac));
}

function dataSafe(content: string): Asn1 {
  return sequence(oid(DATA), explicit(0, octets(content)));
}

function encryptedSafe(bags: readonly Asn1[], password: Pkcs12Password, evaluation: Evaluation): Asn1 {
  const { algorithm, encrypted } = encrypt(encode(sequence(...bags)), password, evaluation);
  const content = sequence(oid(DATA), algorithm, implicit(0, encrypted));
  return sequence(oid(ENCRYPTED_DATA), explicit(0, sequence(integer(0), content)));
}

function certificateBag(der: string, attributes: readonly Asn1[]): Asn1 {
  return bag(CERT_BAG, sequence(oid(X509_CERTIFICATE), explicit(0, octets(der))), attributes);
}

function bag(type: string, value: Asn1, attributes: readonly Asn1[]): Asn1 {
  return sequence(oid(type), explicit(0, value), setOf(...attributes));
}

function attribute(type: string, value: Asn1): Asn1 {
  return sequence(oid(type), setOf(value));
}

function encrypt(
  plain: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
): ReturnType<typeof encryptWithPassword> {
  const detail = {
    salt: randomText(evaluation, SALT_BYTES),
    iv: randomText(evaluation, IV_BYTES),
    iterations: ITERATIONS,
  };
  return encryptWithPassword(plain, password, detail, evaluation);
}

function randomText(evaluation: Evaluation, size: number): string {
  return Buffer.from(evaluation.randomBytes(size)).toString('latin1');
}
