import { randomInt } from 'node:crypto';
import type { Fields } from '../../fields.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Content } from '../content.ts';
import { base32 } from './base32.ts';
import type { Generator } from './generator.ts';

interface Settings {
  readonly keys: readonly string[];
  readonly letters: Part;
  readonly digits: Part;
  readonly symbols: Part;
  readonly allowsRepeat: boolean;
  readonly encode: (password: string) => string;
}

/** So many characters out of these. */
interface Part {
  readonly alphabet: string;
  readonly count: number;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const SYMBOLS = '~!@#$%^&*()_+`-={}|[]\\:"<>?,./';
const DEFAULT_LENGTH = 24;
const MAX_LENGTH = 4096; // inserting is quadratic, and no password is longer
const DEFAULT_SHARE = 0.25; // of the length, for digits and for symbols

const ENCODINGS = {
  raw: (password: string) => password,
  hex: (password: string) => Buffer.from(password).toString('hex'),
  base64: (password: string) => Buffer.from(password).toString('base64'),
  // Go pads it, Node.js does not.
  base64url: (password: string) => Buffer.from(password).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  base32: (password: string) => base32(Buffer.from(password)),
} as const;

/** Random passwords of letters, digits and symbols. */
export const password: Generator = {
  kind: 'Password',

  generate(spec): Content {
    const settings = readSettings(spec);
    if (spec.problems.length > 0) return new Map();
    return new Map(settings.keys.map((key) => [key, SecretValue.fromText(settings.encode(compose(settings)))]));
  },
};

function readSettings(spec: Fields): Settings {
  const length = spec.integer('length', { min: 0, max: MAX_LENGTH }) || DEFAULT_LENGTH;
  const share = Math.trunc(length * DEFAULT_SHARE);
  const digits = spec.integer('digits', { min: 0, max: MAX_LENGTH }) ?? share;
  const symbols = spec.integer('symbols', { min: 0, max: MAX_LENGTH }) ?? share;
  const characters = spec.raw('symbolCharacters') === '' ? SYMBOLS : spec.optionalText('symbolCharacters');
  const letters = spec.boolean('noUpper', false) ? LOWER : LOWER + LOWER.toUpperCase();
  const settings: Settings = {
    keys: readKeys(spec),
    letters: { alphabet: letters, count: length - digits - symbols },
    digits: { alphabet: DIGITS, count: digits },
    symbols: { alphabet: characters ?? SYMBOLS, count: symbols },
    allowsRepeat: spec.boolean('allowRepeat', false),
    encode: ENCODINGS[spec.oneOf('encoding', ['raw', 'base64', 'base64url', 'base32', 'hex'], 'raw')],
  };
  checkCounts(spec, settings);
  return settings;
}

function readKeys(spec: Fields): readonly string[] {
  const keys = spec.texts('secretKeys');
  if (keys.length === 0) return ['password'];
  if (keys.includes('') || new Set(keys).size < keys.length) {
    spec.problem('secretKeys', 'secretKeys must be non-empty and unique');
  }
  return keys;
}

function checkCounts(spec: Fields, { letters, digits, symbols, allowsRepeat }: Settings): void {
  if (letters.count < 0) spec.problem('length', 'must not be less than digits and symbols together');
  if (allowsRepeat) return;
  for (const [name, { alphabet, count }] of Object.entries({ letters, digits, symbols })) {
    if (count <= new Set(alphabet).size) continue;
    spec.problem('', `has fewer ${name} than the ${count} it wants without repeating any; set allowRepeat: true`);
  }
}

/** Each character goes to a random place, as the library that External Secrets uses does it. */
function compose({ letters, digits, symbols, allowsRepeat }: Settings): string {
  const chosen: string[] = [];
  for (const { alphabet, count } of [letters, digits, symbols]) {
    const characters = [...new Set(alphabet)];
    for (let left = count; left > 0; left -= 1) {
      const index = randomInt(characters.length);
      const [character = ''] = allowsRepeat ? [characters[index]] : characters.splice(index, 1);
      chosen.splice(randomInt(chosen.length + 1), 0, character);
    }
  }
  return chosen.join('');
}
