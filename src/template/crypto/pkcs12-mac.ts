import { createHmac, timingSafeEqual } from 'node:crypto';
import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import { type Asn1, bytesOf, integer, itemsOf, numberOf, octets, oid, oidOf, sequence } from './asn1.ts';
import { derivePbkdf2Key, HMAC_HASHES, statedKeyLength } from './pbkdf2.ts';
import { derivePkcs12Key, type Pkcs12Hash, type Pkcs12Password } from './pkcs12-password.ts';

const SHA256 = '2.16.840.1.101.3.4.2.1';
const PBMAC1 = '1.2.840.113549.1.5.14';

const HASHES: Readonly<Record<string, { readonly hash: Pkcs12Hash; readonly keyBytes: number }>> = {
  '1.3.14.3.2.26': { hash: 'sha1', keyBytes: 20 },
  [SHA256]: { hash: 'sha256', keyBytes: 32 },
  '2.16.840.1.101.3.4.2.2': { hash: 'sha384', keyBytes: 48 },
  '2.16.840.1.101.3.4.2.3': { hash: 'sha512', keyBytes: 64 },
};

// RFC 9579: shorter keys could be guessed, longer ones serve nothing.
const MIN_PBMAC1_KEY_BYTES = 20;
const MAX_PBMAC1_KEY_BYTES = 64;

/** `macData` is RFC 7292's MacData. */
export function isAuthentic(
  macData: Asn1 | undefined,
  content: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
): boolean {
  const [digestInfo, salt, iterations] = itemsOf(macData);
  const [algorithm, digest] = itemsOf(digestInfo);
  const [id, parameters] = itemsOf(algorithm);
  const name = oidOf(id);

  const computed =
    name === PBMAC1
      ? pbmac1(parameters, content, password, evaluation)
      : legacyMac(name, content, password, evaluation, {
          salt: bytesOf(salt),
          iterations: iterations === undefined ? 1 : numberOf(iterations),
        });
  const stated = Buffer.from(bytesOf(digest), 'latin1');
  return stated.length === computed.length && timingSafeEqual(stated, computed);
}

/** MacData with SHA-256. */
export function createMac(
  content: string,
  password: Pkcs12Password,
  detail: { readonly salt: string; readonly iterations: number },
  evaluation: Evaluation,
): Asn1 {
  const digest = legacyMac(SHA256, content, password, evaluation, detail).toString('latin1');
  return sequence(sequence(sequence(oid(SHA256)), octets(digest)), octets(detail.salt), integer(detail.iterations));
}

function legacyMac(
  name: string,
  content: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
  detail: { readonly salt: string; readonly iterations: number },
): Buffer {
  const found = HASHES[name];
  if (found === undefined) throw new TemplateError('pkcs12: the MAC is not supported');
  const { hash, keyBytes } = found;
  const key = derivePkcs12Key(password, { purpose: 'mac', hash, size: keyBytes, ...detail }, evaluation);
  return hmac(hash, Buffer.from(key, 'latin1'), content);
}

function pbmac1(
  parameters: Asn1 | undefined,
  content: string,
  password: Pkcs12Password,
  evaluation: Evaluation,
): Buffer {
  const [derivation, scheme] = itemsOf(parameters);
  const hash = HMAC_HASHES[oidOf(itemsOf(scheme)[0])];
  if (hash === undefined) throw new TemplateError('pkcs12: the MAC is not supported');
  const keyBytes = statedKeyLength(derivation);
  if (keyBytes < MIN_PBMAC1_KEY_BYTES || keyBytes > MAX_PBMAC1_KEY_BYTES) {
    throw new TemplateError('pkcs12: the length of the MAC key is refused');
  }
  return hmac(hash, derivePbkdf2Key(password, derivation, keyBytes, evaluation), content);
}

function hmac(hash: string, key: Buffer, content: string): Buffer {
  return createHmac(hash, key).update(content, 'latin1').digest();
}
