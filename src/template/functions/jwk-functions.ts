import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { completeRsaKey } from '../crypto/complete-rsa-key.ts';
import { encodePem } from '../crypto/pem-block.ts';
import { toPkcs8 } from '../crypto/private-key.ts';
import { spendOnInputs, WORK } from '../crypto/work.ts';
import { TemplateError } from '../template-error.ts';
import type { FunctionTable } from '../template-function.ts';
import { textAt } from './arguments.ts';

/** A JSON Web Key of RFC 7517 to PEM. A public key is not made of a private one, nor the other way round. */
export const JWK_FUNCTIONS: FunctionTable = {
  jwkPublicKeyPem: {
    params: ['string'],
    call(args, evaluation) {
      spendOnInputs(evaluation, textAt(args, 0));
      evaluation.spend(WORK.curve);
      const jwk = parseJwk(textAt(args, 0));
      if ('d' in jwk) throw new TemplateError('the JWK is a private key, not a public one');

      const key = readKey(() => createPublicKey({ key: jwk, format: 'jwk' }));
      return encodePem('PUBLIC KEY', key.export({ format: 'der', type: 'spki' }).toString('latin1'));
    },
  },

  jwkPrivateKeyPem: {
    params: ['string'],
    call(args, evaluation) {
      spendOnInputs(evaluation, textAt(args, 0));
      evaluation.spend(WORK.curve);
      const jwk = parseJwk(textAt(args, 0));
      if (!('d' in jwk)) throw new TemplateError('the JWK is not a private key');

      const key = readKey(() => createPrivateKey({ key: completeRsaKey(jwk), format: 'jwk' }));
      return encodePem('PRIVATE KEY', toPkcs8(key));
    },
  },
};

function parseJwk(text: string): JsonWebKey {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'latin1').toString('utf8'));
    if (isJwk(value)) return value;
  } catch {
    // JSON's own error would repeat a part of the key
  }
  throw new TemplateError('the text is no JSON Web Key');
}

/** Its numbers are for Node to check. */
function isJwk(value: unknown): value is JsonWebKey {
  return typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string';
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw new TemplateError('the JWK is malformed, or of a kind that has no PEM');
  }
}
