import { pbkdf2Sync } from 'node:crypto';
import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import {
  type Asn1,
  bytesOf,
  integer,
  isUniversal,
  itemsOf,
  nothing,
  numberOf,
  octets,
  oid,
  oidOf,
  sequence,
} from './asn1.ts';
import type { Pkcs12Password } from './pkcs12-password.ts';
import { spendOnIterations } from './work.ts';

const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_WITH_SHA256 = '1.2.840.113549.2.9';

/** The hash of an HMAC by its algorithm's identifier. */
export const HMAC_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  [HMAC_WITH_SHA256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/** `algorithm` is the AlgorithmIdentifier of RFC 8018, which names salt, iterations and hash. */
export function derivePbkdf2Key(
  password: Pkcs12Password,
  algorithm: Asn1 | undefined,
  size: number,
  evaluation: Evaluation,
): Buffer {
  const [id, parameters] = itemsOf(algorithm);
  if (oidOf(id) !== PBKDF2) throw new TemplateError('pkcs12: the key derivation is not supported');
  const [salt, iterations, ...optional] = itemsOf(parameters);
  const hash = hashOf(optional.find((item) => isUniversal(item, 'sequence')));

  spendOnIterations(evaluation, numberOf(iterations));
  return pbkdf2Sync(
    Buffer.from(password.bytes, 'latin1'),
    Buffer.from(bytesOf(salt), 'latin1'),
    numberOf(iterations),
    size,
    hash,
  );
}

/** The length of the key that the parameters ask for, which PBMAC1 has to state. */
export function statedKeyLength(algorithm: Asn1 | undefined): number {
  const [, parameters] = itemsOf(algorithm);
  const length = itemsOf(parameters)
    .slice(2)
    .find((item) => isUniversal(item, 'integer'));
  return length === undefined ? 0 : numberOf(length);
}

/** The AlgorithmIdentifier of PBKDF2 with HMAC-SHA-256. */
export function pbkdf2Algorithm(salt: string, iterations: number): Asn1 {
  const hash = sequence(oid(HMAC_WITH_SHA256), nothing());
  return sequence(oid(PBKDF2), sequence(octets(salt), integer(iterations), hash));
}

function hashOf(algorithm: Asn1 | undefined): string {
  if (algorithm === undefined) return 'sha1'; // the default of RFC 8018
  const hash = HMAC_HASHES[oidOf(itemsOf(algorithm)[0])];
  if (hash === undefined) throw new TemplateError('pkcs12: the hash of the key derivation is not supported');
  return hash;
}
