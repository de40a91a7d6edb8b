import type { Evaluation, FunctionTable, TemplateFunction } from '../template-function.ts';
import { encodeUtf8 } from '../utf8.ts';
import { integerAt, spendBytes, textAt } from './arguments.ts';
import { randomBelow } from './random-below.ts';
import { decodeRunes } from './runes.ts';

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));

/** Sprig's functions of chance. A template that calls one is another at each rendering. */
export const RANDOM_FUNCTIONS: FunctionTable = {
  randAlphaNum: ofLength(LETTERS + DIGITS),
  randAlpha: ofLength(LETTERS),
  randNumeric: ofLength(DIGITS),
  randAscii: ofLength(PRINTABLE),
  uuidv4: { params: [], call: (_, evaluation) => uuid(evaluation.randomBytes(16)) },
  shuffle: {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, textAt(args, 0).length);
      return encodeUtf8(shuffled(Array.from(decodeRunes(textAt(args, 0))), evaluation).join(''));
    },
  },
};

function ofLength(alphabet: string): TemplateFunction {
  return {
    params: ['int'],
    call(args, evaluation) {
      const length = Math.max(integerAt(args, 0), 0); // sprig swallows the error
      evaluation.spend(length);
      return randomText(alphabet, length, evaluation);
    },
  };
}

/** Bytes that would make some characters likelier than others are drawn again. */
function randomText(alphabet: string, length: number, evaluation: Evaluation): string {
  const limit = 256 - (256 % alphabet.length);
  const characters: string[] = [];
  while (characters.length < length) {
    for (const byte of evaluation.randomBytes(length - characters.length)) {
      if (byte < limit) characters.push(alphabet.charAt(byte % alphabet.length));
    }
  }
  return characters.join('');
}

/** RFC 9562, version 4. */
function uuid(bytes: Uint8Array): string {
  const fixed = bytes.map((byte, index) => {
    if (index === 6) return (byte & 0x0f) | 0x40;
    return index === 8 ? (byte & 0x3f) | 0x80 : byte;
  });
  return Buffer.from(fixed)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Fisher and Yates. */
function shuffled(runes: string[], evaluation: Evaluation): readonly string[] {
  for (let last = runes.length - 1; last > 0; last -= 1) {
    const chosen = Number(randomBelow(BigInt(last + 1), evaluation));
    const moved = runes[chosen] ?? '';
    runes[chosen] = runes[last] ?? '';
    runes[last] = moved;
  }
  return runes;
}
