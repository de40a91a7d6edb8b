import { compareSync } from 'bcryptjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { WORK } from '../../../../src/template/crypto/work.ts';
import { loadCryptoLibraries } from '../../../../src/template/functions/crypto-libraries.ts';
import { PASSWORD_FUNCTIONS } from '../../../../src/template/functions/password-functions.ts';
import { TemplateError } from '../../../../src/template/template-error.ts';
import { GoInt } from '../../../../src/template/value.ts';
import { anEvaluation, bytes, callerOf } from './evaluation.ts';

const call = callerOf(PASSWORD_FUNCTIONS);

function textOf(name: string, ...args: readonly string[]): string {
  const result = call(name, args);
  if (typeof result !== 'string') throw new Error(`${name} returned no text`);
  return result;
}

beforeAll(loadCryptoLibraries);

describe('bcrypt', () => {
  it('hashes with the prefix and the cost of Go', () => {
    const hash = textOf('bcrypt', bytes('pässword'));

    expect(hash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(compareSync('pässword', hash)).toBe(true);
  });

  it('takes its salt from the evaluation', () => {
    const evaluation = anEvaluation({ randomBytes: (size) => new Uint8Array(size) });

    expect(call('bcrypt', ['x'], evaluation)).toMatch(/^\$2a\$10\$\.{22}/);
  });

  it('gives an error as the value where the password is too long', () => {
    expect(call('bcrypt', ['x'.repeat(73)])).toBe(
      'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes',
    );
  });

  it('refuses what is no text', () => {
    expect(() => call('bcrypt', ['\xff'])).toThrow('not UTF-8');
  });
});

describe('htpasswd', () => {
  it.each([[['user', 'secret']], [['user', 'secret', 'bcrypt']], [['user', 'secret', 'other']]])(
    'writes a line with bcrypt (%#)',
    (args) => {
      const line = textOf('htpasswd', ...args);

      expect(line).toMatch(/^user:\$2a\$10\$/);
      expect(compareSync('secret', line.slice('user:'.length))).toBe(true);
    },
  );

  it('writes a line with SHA-1', () => {
    expect(call('htpasswd', ['user', 'password', 'sha'])).toBe('user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=');
  });

  it('gives an error as the value where the user has a colon', () => {
    expect(call('htpasswd', ['u:x', 'p'])).toBe('invalid username: u:x');
  });

  it('takes three arguments at most', () => {
    expect(() => call('htpasswd', ['u', 'p', 'sha', 'x'])).toThrow('want 3 got 4');
  });

  it('counts the work of a hash before it does it', () => {
    const spent: number[] = [];
    const evaluation = anEvaluation({
      spend: (steps) => {
        spent.push(steps);
        if (steps > 10_000) throw new TemplateError('too many steps');
      },
    });

    expect(() => call('htpasswd', ['u', 'p'], evaluation)).toThrow('too many steps');
    expect(spent).toEqual([2, WORK.bcrypt]);
  });
});

describe('derivePassword', () => {
  it.each([
    ['maximum', 'uHtTbmPY6wR5UWNwVj4('],
    ['long', 'LugeVamuVodu4?'],
    ['medium', 'LugNiy3='],
    ['short', 'Lug1'],
    ['basic', 'uOt17mnY'],
    ['pin', '3961'],
    ['nope', 'cannot find password template nope'],
  ])('derives what Helm 4.1 derives: %s', (type, derived) => {
    expect(call('derivePassword', [new GoInt(1), type, 'password', bytes('usér'), 'example.com'])).toBe(derived);
  });

  it.each([
    [4_294_967_295, 'long', 'WuhpJifuYucu5['],
    [4_294_967_296, 'pin', '2847'],
  ])('counts in 32 bits: %i', (counter, type, derived) => {
    expect(call('derivePassword', [new GoInt(counter), type, '', '', ''])).toBe(derived);
  });

  it('refuses a negative counter', () => {
    expect(() => call('derivePassword', [new GoInt(-1), 'pin', '', '', ''])).toThrow('expected unsigned integer');
  });
});
