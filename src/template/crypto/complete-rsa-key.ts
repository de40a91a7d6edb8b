import type { JsonWebKey } from 'node:crypto';

const MAX_DIGITS = 2800; // 16384 bits in base64url

/** RFC 7518 lets an RSA key leave out what follows from its primes; OpenSSL wants it. Other keys are returned as they are. */
export function completeRsaKey(jwk: JsonWebKey): JsonWebKey {
  const { d, p, q, dp, dq, qi } = jwk;
  const isComplete = [dp, dq, qi].every((part) => part !== undefined);
  if (jwk.kty !== 'RSA' || isComplete || !isNumber(d) || !isNumber(p) || !isNumber(q)) return jwk;
  const [exponent, first, second] = [toNumber(d), toNumber(p), toNumber(q)];
  if (first < 2n || second < 2n) return jwk;
  return {
    ...jwk,
    dp: toText(exponent % (first - 1n)),
    dq: toText(exponent % (second - 1n)),
    qi: toText(inverse(second, first)),
  };
}

function isNumber(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MAX_DIGITS;
}

/** Extended Euclid: `value` times the result is 1 modulo `modulus`. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [previous, rest] = [modulus, value % modulus];
  let [before, factor] = [0n, 1n];
  while (rest !== 0n) {
    const quotient = previous / rest;
    [previous, rest] = [rest, previous % rest];
    [before, factor] = [factor, before - quotient * factor];
  }
  return ((before % modulus) + modulus) % modulus;
}

function toNumber(base64url: string): bigint {
  return BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex') || '0'}`);
}

function toText(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
