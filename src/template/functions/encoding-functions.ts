import type { FunctionTable, TemplateFunction } from '../template-function.ts';
import { spendBytes, textAt } from './arguments.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { decodeBase64 } from './decode-base64.ts';
import { decodeHex } from './decode-hex.ts';

/** Sprig's encodings. What cannot be decoded becomes the text of Go's error: nothing stops a template there. */
export const ENCODING_FUNCTIONS: FunctionTable = {
  b64enc: ofBytes((bytes) => Buffer.from(bytes, 'latin1').toString('base64')),
  b64dec: ofBytes((text) => orError(decodeBase64(text), 'base64')),
  b32enc: ofBytes(encodeBase32),
  b32dec: ofBytes((text) => orError(decodeBase32(text), 'base32')),
  hexdec: ofBytes(decodeHex),
};

function ofBytes(convert: (bytes: string) => string): TemplateFunction {
  return {
    params: ['string'],
    call(args, evaluation) {
      spendBytes(evaluation, textAt(args, 0).length * 32); // base32 goes digit by digit
      return convert(textAt(args, 0));
    },
  };
}

function orError(decoded: string | number, encoding: string): string {
  return typeof decoded === 'string' ? decoded : `illegal ${encoding} data at input byte ${decoded}`;
}
