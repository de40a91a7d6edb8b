import { type KeyObject, sign } from 'node:crypto';
import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import { type Asn1, nothing, oid, sequence } from './asn1.ts';
import { WORK } from './work.ts';

interface Scheme {
  readonly id: string;
  readonly hash: string | null;
  readonly hasNull?: true;
}

const RSA: Scheme = { id: '1.2.840.113549.1.1.11', hash: 'sha256', hasNull: true };
const ED25519: Scheme = { id: '1.3.101.112', hash: null };
const ECDSA_WITH_SHA256: Scheme = { id: '1.2.840.10045.4.3.2', hash: 'sha256' };
const ECDSA: ReadonlyMap<string | undefined, Scheme> = new Map([
  ['secp224r1', ECDSA_WITH_SHA256],
  ['prime256v1', ECDSA_WITH_SHA256],
  ['secp384r1', { id: '1.2.840.10045.4.3.3', hash: 'sha384' }],
  ['secp521r1', { id: '1.2.840.10045.4.3.4', hash: 'sha512' }],
]);

/** The AlgorithmIdentifier of what `signWith` makes. Throws for kinds of keys that sign no certificates. */
export function signatureAlgorithm(key: KeyObject): Asn1 {
  const { id, hasNull } = schemeOf(key);
  return sequence(oid(id), ...(hasNull === true ? [nothing()] : []));
}

/** By the hash that belongs to the key, as Go chooses it. */
export function signWith(key: KeyObject, content: string, evaluation: Evaluation): string {
  evaluation.spend(WORK.signature);
  return sign(schemeOf(key).hash, Buffer.from(content, 'latin1'), key).toString('latin1');
}

function schemeOf(key: KeyObject): Scheme {
  if (key.asymmetricKeyType === 'rsa') return RSA;
  if (key.asymmetricKeyType === 'ed25519') return ED25519;
  const scheme = key.asymmetricKeyType === 'ec' ? ECDSA.get(key.asymmetricKeyDetails?.namedCurve) : undefined;
  if (scheme === undefined) throw new TemplateError('only RSA, ECDSA and Ed25519 keys sign certificates');
  return scheme;
}
