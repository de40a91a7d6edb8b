import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { masterPassword, PASSWORD_TYPES } from '../crypto/master-password.ts';
import { spendOnInputs, WORK } from '../crypto/work.ts';
import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable } from '../template-function.ts';
import { bigintAt, textAt } from './arguments.ts';
import { cryptoLibraries } from './crypto-libraries.ts';

const BCRYPT_COST = 10; // as golang.org/x/crypto/bcrypt
const BCRYPT_SALT_BYTES = 16;
const MAX_BCRYPT_BYTES = 72;

export const PASSWORD_FUNCTIONS: FunctionTable = {
  bcrypt: {
    params: ['string'],
    call(args, evaluation) {
      return hashWithBcrypt(textAt(args, 0), evaluation);
    },
  },

  /** user, password, and perhaps the kind of hash: `sha`, or bcrypt for any other name. */
  htpasswd: {
    params: ['string', 'string'],
    variadic: 'string',
    call(args, evaluation) {
      const [user, password] = [textAt(args, 0), textAt(args, 1)];
      if (args.length > 3) throw new TemplateError(`wrong number of args for htpasswd: want 3 got ${args.length}`);
      spendOnInputs(evaluation, user, password);
      // Like sprig, which gives this text as the value.
      if (user.includes(':')) return `invalid username: ${user}`;
      return `${user}:${args[2] === 'sha' ? hashWithSha(password) : hashWithBcrypt(password, evaluation)}`;
    },
  },

  /** counter, type, master password, user, site. */
  derivePassword: {
    params: ['int', 'string', 'string', 'string', 'string'],
    call(args, evaluation) {
      const counter = bigintAt(args, 0);
      const [type, password, user, site] = [textAt(args, 1), textAt(args, 2), textAt(args, 3), textAt(args, 4)];
      spendOnInputs(evaluation, password, user, site);
      if (counter < 0n) throw new TemplateError('expected unsigned integer as the counter');
      const templates = PASSWORD_TYPES.get(type);
      if (templates === undefined) return `cannot find password template ${type}`;

      evaluation.spend(WORK.scrypt);
      return masterPassword({ counter: Number(BigInt.asUintN(32, counter)), password, user, site }, templates);
    },
  },
};

function hashWithBcrypt(password: string, evaluation: Evaluation): string {
  if (password.length > MAX_BCRYPT_BYTES) {
    // The text is the value, as in sprig.
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes';
  }
  const bytes = Buffer.from(password, 'latin1');
  if (!isUtf8(bytes)) throw new TemplateError('bcrypt takes text only, and this is not UTF-8');

  evaluation.spend(WORK.bcrypt);
  const { bcrypt } = cryptoLibraries();
  const salt = bcrypt.encodeBase64([...evaluation.randomBytes(BCRYPT_SALT_BYTES)], BCRYPT_SALT_BYTES);
  return bcrypt.hashSync(bytes.toString('utf8'), `$2a$${BCRYPT_COST}$${salt}`);
}

function hashWithSha(password: string): string {
  return `{SHA}${createHash('sha1').update(password, 'latin1').digest('base64')}`;
}
