import { createHash } from 'node:crypto';
import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { spendBytes, textAt } from './arguments.ts';

/** Sprig's check sums of a string's bytes. */
export const HASH_FUNCTIONS: FunctionTable = {
  sha1sum: ofBytes((bytes) => createHash('sha1').update(bytes).digest('hex')),
  sha256sum: ofBytes((bytes) => createHash('sha256').update(bytes).digest('hex')),
  sha512sum: ofBytes((bytes) => createHash('sha512').update(bytes).digest('hex')),
  adler32sum: ofBytes(adler32),
};

function ofBytes(sum: (bytes: Uint8Array) => string): TemplateFunction {
  return {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, textAt(args, 0).length);
      return sum(Buffer.from(textAt(args, 0), 'latin1'));
    },
  };
}

/** RFC 1950, in decimal digits as sprig has it. */
function adler32(bytes: Uint8Array): string {
  const modulus = 65_521;
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % modulus;
    high = (high + low) % modulus;
  }
  return String(high * 65_536 + low);
}
