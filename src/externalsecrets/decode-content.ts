import { LatchkeyError } from '../errors.ts';
import type { Decode } from '../references/reference.ts';
import { decodeValue } from '../resolve/decode.ts';
import type { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';

/** What an entry says about its values. */
export interface ValueHandling {
  readonly decode: Decode;
  readonly refusesNullBytes: boolean;
}

export function decodeContent(content: Content, handling: ValueHandling): Content {
  return new Map(Array.from(content, ([key, value]) => [key, decodeOne(key, value, handling)]));
}

/** Throws VALUE_INVALID for what is not encoded as the entry says, and for a NUL byte where it refuses those. */
export function decodeOne(key: string, value: SecretValue, { decode, refusesNullBytes }: ValueHandling): SecretValue {
  const decoded = decodeValue(value, decode, { key });
  if (!refusesNullBytes || !decoded.expose().includes(0)) return decoded;
  throw new LatchkeyError('VALUE_INVALID', `the value of "${key}" holds a NUL byte, which nullBytePolicy refuses`, {
    hint: 'Correct the value, or set nullBytePolicy: Ignore',
  });
}
