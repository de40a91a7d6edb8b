import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, LatchkeyError } from '../../src/errors.ts';

describe('a LatchkeyError', () => {
  it.each<[string, LatchkeyError, string]>([
    ['where, what, what to do, and its code', full(), 'env A: it is gone. Create it. [SECRET_NOT_FOUND]'],
    ['what alone', new LatchkeyError('BUSY', 'too much'), 'too much. [BUSY]'],
    [
      'a question as it is',
      new LatchkeyError('REF_INVALID', 'no', { hint: 'Did you mean "a"?' }),
      'no. Did you mean "a"? [REF_INVALID]',
    ],
    ['several lines as one', new LatchkeyError('BUSY', 'a\r\nb', { where: 'c\nd' }), 'c d: a b. [BUSY]'],
  ])('says %s in one line', (_title, error, line) => {
    expect(error.line).toBe(line);
  });

  it('takes an address, the outermost place first, and keeps the rest', () => {
    const error = full().at('container "api"');

    expect(error).toMatchObject({
      code: 'SECRET_NOT_FOUND',
      where: 'container "api", env A',
      hint: 'Create it',
      retryAfterMs: 5,
      cause: 'why',
    });
    expect(new LatchkeyError('BUSY', 'x').at('here').where).toBe('here');
  });

  it('is made of any other error without its words', () => {
    const foreign = new TypeError('cannot read hunter2');

    const error = LatchkeyError.from(foreign);

    expect(error).toMatchObject({ code: 'INTERNAL', fault: 'internal', cause: foreign });
    expect(error.line).not.toContain('hunter2');
    expect(LatchkeyError.from(error)).toBe(error);
  });

  it.each([undefined, null, 'text', 7, {}])('is made of %j, which somebody threw', (thrown) => {
    expect(LatchkeyError.from(thrown)).toMatchObject({ code: 'INTERNAL' });
  });

  it.each(Object.entries(ERROR_CODES))('of code %s is the fault %s', (code, fault) => {
    expect(new LatchkeyError(code as ErrorCode, 'x').fault).toBe(fault);
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });
});

function full(): LatchkeyError {
  return new LatchkeyError('SECRET_NOT_FOUND', 'it is gone', {
    where: 'env A',
    hint: 'Create it',
    retryAfterMs: 5,
    cause: 'why',
  });
}
