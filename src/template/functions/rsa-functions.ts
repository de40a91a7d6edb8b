import { constants, privateDecrypt } from 'node:crypto';
import { decodePem } from '../crypto/pem-block.ts';
import { parseAnyPrivateKey } from '../crypto/private-key.ts';
import { withContext } from '../crypto/with-context.ts';
import { spendOnInputs, WORK } from '../crypto/work.ts';
import { TemplateError } from '../template-error.ts';
import type { FunctionTable } from '../template-function.ts';
import { textAt } from './arguments.ts';

/** Any other name means SHA-256, `None` too. */
const HASHES = new Map([
  ['SHA1', 'sha1'],
  ['SHA512', 'sha512'],
]);

export const RSA_FUNCTIONS: FunctionTable = {
  /** scheme, hash, what is encrypted, key in PEM. The scheme `None` hands the text back as it is. */
  rsaDecrypt: {
    params: ['string', 'string', 'string', 'string'],
    call(args, evaluation) {
      const [scheme, hash, encrypted, pem] = [textAt(args, 0), textAt(args, 1), textAt(args, 2), textAt(args, 3)];
      spendOnInputs(evaluation, encrypted, pem);
      if (scheme === 'None') return encrypted;
      if (scheme !== 'RSA-OAEP')
        throw new TemplateError('the decryption scheme is not supported; use None or RSA-OAEP');

      const { block } = decodePem(pem);
      if (block === undefined) throw new TemplateError('failed to decode PEM block');
      const key = withContext('could not parse private key', () => parseAnyPrivateKey(block.bytes));
      if (key.asymmetricKeyType !== 'rsa') throw new TemplateError('could not parse RSA private key');

      evaluation.spend(WORK.signature);
      try {
        return privateDecrypt(
          { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: HASHES.get(hash) ?? 'sha256' },
          Buffer.from(encrypted, 'latin1'),
        ).toString('latin1');
      } catch {
        throw new TemplateError('error decrypting data with RSA');
      }
    },
  },
};
