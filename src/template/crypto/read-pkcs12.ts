import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import { type Asn1, bytesOf, decode, encode, isUniversal, itemsOf, numberOf, oidOf } from './asn1.ts';
import { decryptWithPassword } from './password-based-encryption.ts';
import { isAuthentic } from './pkcs12-mac.ts';
import type { Pkcs12Password } from './pkcs12-password.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

/** What a PKCS#12 file holds, in the file's order: DER, in byte strings. */
export interface Pkcs12Content {
  /** In PKCS#8. */
  readonly key: string;
  /** One at least. */
  readonly certificates: readonly string[];
}

/** Reads a PFX of RFC 7292 that is protected by a password. `passwordBytes` is UTF-8 in a byte string. */
export function readPkcs12(file: string, passwordBytes: string, evaluation: Evaluation): Pkcs12Content {
  const [version, authSafe, macData] = itemsOf(decode(file));
  if (numberOf(version) !== 3) throw new TemplateError('pkcs12: only version 3 is supported');
  const content = dataOf(authSafe);
  const password = checkPassword(macData, content, { bytes: passwordBytes }, evaluation);

  const keys: string[] = [];
  const certificates: string[] = [];
  for (const bag of itemsOf(decode(content)).flatMap((info) => bagsOf(info, password, evaluation))) {
    const [id, value] = itemsOf(bag);
    const [inner] = itemsOf(value);
    const type = oidOf(id);
    if (type === CERT_BAG) certificates.push(certificateOf(inner));
    if (type === KEY_BAG) keys.push(encode(required(inner)));
    if (type === SHROUDED_KEY_BAG) keys.push(unshroud(inner, password, evaluation));
  }

  const [key] = keys;
  if (certificates.length === 0) throw new TemplateError('pkcs12: certificate missing');
  if (key === undefined) throw new TemplateError('pkcs12: private key missing');
  if (keys.length > 1) throw new TemplateError('pkcs12: expected exactly one key bag');
  return { key, certificates };
}

function checkPassword(
  macData: Asn1 | undefined,
  content: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
): Pkcs12Password {
  const variants = password.bytes === '' ? [password, { ...password, isAbsent: true }] : [password];
  if (macData === undefined && password.bytes !== '') throw new TemplateError('pkcs12: no MAC in data');
  if (macData === undefined) return password;

  const right = variants.find((variant) => isAuthentic(macData, content, variant, evaluation));
  if (right === undefined) throw new TemplateError('pkcs12: decryption password incorrect');
  return right;
}

/** The SafeBags of one ContentInfo. */
function bagsOf(info: Asn1, password: Pkcs12Password, evaluation: Evaluation): readonly Asn1[] {
  const [id, content] = itemsOf(info);
  if (oidOf(id) !== ENCRYPTED_DATA) return itemsOf(decode(dataOf(info)));

  const [, encryptedContent] = itemsOf(itemsOf(content)[0]);
  const [, algorithm, encrypted] = itemsOf(encryptedContent);
  return itemsOf(decode(decryptWithPassword(algorithm, bytesOf(encrypted), password, evaluation)));
}

function dataOf(info: Asn1 | undefined): string {
  const [id, content] = itemsOf(info);
  if (oidOf(id) !== DATA) throw new TemplateError('pkcs12: only files protected by a password are supported');
  const [bytes] = itemsOf(content);
  if (!isUniversal(bytes, 'octets')) throw new TemplateError('malformed ASN.1');
  return bytesOf(bytes);
}

function certificateOf(bag: Asn1 | undefined): string {
  const [id, value] = itemsOf(bag);
  if (oidOf(id) !== X509_CERTIFICATE) throw new TemplateError('pkcs12: only X.509 certificates are supported');
  return bytesOf(itemsOf(value)[0]);
}

function unshroud(bag: Asn1 | undefined, password: Pkcs12Password, evaluation: Evaluation): string {
  const [algorithm, encrypted] = itemsOf(bag);
  return decryptWithPassword(algorithm, bytesOf(encrypted), password, evaluation);
}

function required(value: Asn1 | undefined): Asn1 {
  if (value === undefined) throw new TemplateError('malformed ASN.1');
  return value;
}
