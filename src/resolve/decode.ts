import { LatchkeyError } from '../errors.ts';
import type { Decode } from '../references/reference.ts';
import { SecretValue } from '../secret-value.ts';
import { toByteString } from '../byte-string.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BASE64URL = /^[A-Za-z0-9_-]*={0,2}$/;

/** Undoes an encoding as Go's decoders do: padded, line breaks skipped, nothing else tolerated. `auto` leaves alone what is not encoded. */
export function decodeValue(value: SecretValue, strategy: Decode, context: { readonly key: string }): SecretValue {
  switch (strategy) {
    case 'none':
      return value;
    case 'base64':
      return decode(value, BASE64) ?? refuse(strategy, context.key);
    case 'base64url':
      return decode(value, BASE64URL) ?? refuse(strategy, context.key);
    case 'auto':
      return decode(value, BASE64) ?? decode(value, BASE64URL) ?? value;
  }
}

function decode(value: SecretValue, alphabet: RegExp): SecretValue | undefined {
  const text = toByteString(value).replaceAll(/[\r\n]/g, '');
  if (text.length % 4 !== 0 || !alphabet.test(text)) return undefined;
  // Node's decoder reads both alphabets
  return new SecretValue(Buffer.from(text, 'base64'));
}

function refuse(strategy: string, key: string): never {
  throw new LatchkeyError('VALUE_INVALID', `the value of "${key}" is not valid ${strategy}`, {
    hint: 'Correct the value, or the decoding strategy',
  });
}
