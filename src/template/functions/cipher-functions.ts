import { createCipheriv, createDecipheriv } from 'node:crypto';
import { decodeGoBase64 } from '../crypto/go-base64.ts';
import { spendOnInputs } from '../crypto/work.ts';
import { TemplateError } from '../template-error.ts';
import type { FunctionTable } from '../template-function.ts';
import { integerAt, spendBytes, textAt } from './arguments.ts';

const CIPHER = 'aes-256-cbc';
const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
const MAX_RANDOM_BYTES = 1024 * 1024; // a Secret holds no more

export const CIPHER_FUNCTIONS: FunctionTable = {
  /** password, text; in base64, behind a random block. */
  encryptAES: {
    params: ['string', 'string'],
    call(args, evaluation) {
      const [password, text] = [textAt(args, 0), textAt(args, 1)];
      spendOnInputs(evaluation, password, text);
      if (text === '') return '';

      const iv = Buffer.from(evaluation.randomBytes(BLOCK_BYTES));
      const cipher = createCipheriv(CIPHER, keyOf(password), iv);
      return Buffer.concat([iv, cipher.update(text, 'latin1'), cipher.final()]).toString('base64');
    },
  },

  decryptAES: {
    params: ['string', 'string'],
    call(args, evaluation) {
      const [password, text] = [textAt(args, 0), textAt(args, 1)];
      spendOnInputs(evaluation, password, text);
      if (text === '') return '';

      const bytes = decodeGoBase64(text);
      if (bytes === undefined) throw new TemplateError('illegal base64 data');
      return decrypt(keyOf(password), Buffer.from(bytes, 'latin1'));
    },
  },

  /** So many random bytes, in base64. */
  randBytes: {
    params: ['int'],
    call(args, evaluation) {
      const count = integerAt(args, 0);
      if (count < 0) throw new TemplateError('the number of bytes is negative');
      if (count > MAX_RANDOM_BYTES) throw new TemplateError('more than 1 MiB of random bytes is refused');
      spendBytes(evaluation, count);
      return Buffer.from(evaluation.randomBytes(count)).toString('base64');
    },
  },
};

/** sprig cuts a password, or fills it up with zeros. */
function keyOf(password: string): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  key.write(password, 'latin1');
  return key;
}

function decrypt(key: Buffer, bytes: Buffer): string {
  const encrypted = bytes.subarray(BLOCK_BYTES);
  if (encrypted.length === 0 || encrypted.length % BLOCK_BYTES !== 0) {
    throw new TemplateError('the encrypted text is not made of whole blocks');
  }
  // As in sprig only the last byte counts: a wrong password mostly gives bytes without meaning, and no error.
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, BLOCK_BYTES)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(encrypted), decipher.final()]);
  const length = plain.length - (plain.at(-1) ?? 0);
  if (length < 0) throw new TemplateError('the padding of the encrypted text is wrong');
  return plain.subarray(0, length).toString('latin1');
}
