import { createHmac, scryptSync } from 'node:crypto';

const SEED = 'com.lyndir.masterpassword';
const SCRYPT = { N: 32_768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 };
const KEY_BYTES = 64;

const VOWELS = 'aeiou';
const CONSONANTS = 'bcdfghjklmnpqrstvwxyz';
const DIGITS = '0123456789';
const UPPER = `${VOWELS}${CONSONANTS}`.toUpperCase();
const LETTERS = `${VOWELS.toUpperCase()}${VOWELS}${CONSONANTS.toUpperCase()}${CONSONANTS}`;

/** The characters that a letter of a template stands for. */
const CHARACTERS: Readonly<Record<string, string>> = {
  V: VOWELS.toUpperCase(),
  C: CONSONANTS.toUpperCase(),
  v: VOWELS,
  c: CONSONANTS,
  A: UPPER,
  a: LETTERS,
  n: DIGITS,
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${LETTERS}${DIGITS}!@#$%^&*()`,
};

const LONG = [
  'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv',
  'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv',
  'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
].flatMap((line) => line.split(' '));

/** The templates of the Master Password algorithm, version 3, in its order. */
export const PASSWORD_TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['maximum', ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno']],
  ['long', LONG],
  ['medium', ['CvcnoCvc', 'CvcCvcno']],
  ['short', ['Cvcn']],
  ['basic', ['aaanaaan', 'aannaaan', 'aaannaaa']],
  ['pin', ['nnnn']],
]);

/** Texts are byte strings. */
export function masterPassword(
  input: { readonly counter: number; readonly password: string; readonly user: string; readonly site: string },
  templates: readonly string[],
): string {
  const salt = Buffer.concat([Buffer.from(SEED), uint32(input.user.length), Buffer.from(input.user, 'latin1')]);
  const key = scryptSync(Buffer.from(input.password, 'latin1'), salt, KEY_BYTES, SCRYPT);
  const seed = createHmac('sha256', key)
    .update(SEED)
    .update(uint32(input.site.length))
    .update(input.site, 'latin1')
    .update(uint32(input.counter))
    .digest();

  const template = templates[seed.readUInt8(0) % templates.length] ?? '';
  return Array.from(template, (letter, index) => {
    const characters = CHARACTERS[letter] ?? '';
    return characters.charAt(seed.readUInt8(index + 1) % characters.length);
  }).join('');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
