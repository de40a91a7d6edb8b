import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../src/errors.ts';
import { createLog, describeError } from '../../src/log.ts';
import { SecretValue } from '../../src/secret-value.ts';
import { captureLog } from '../support/captured-log.ts';

describe('describeError', () => {
  it('tells our words, and of the cause only its kind and frames', () => {
    const cause = new RangeError('quoting hunter2\n    in several lines');

    const described = describeError(
      new LatchkeyError('PROVIDER_UNAVAILABLE', 'away', { where: 'here', hint: 'Wait', cause }),
    );

    expect(described).toMatchObject({
      type: 'PROVIDER_UNAVAILABLE',
      fault: 'transient',
      where: 'here',
      message: 'away',
      hint: 'Wait',
      cause: 'RangeError',
      stack: expect.stringMatching(/^at /),
    });
    expect(JSON.stringify(described)).not.toMatch(/hunter2|several/);
  });

  it('tells nothing of the words of a foreign error', () => {
    const described = describeError(new Error('hunter2'));

    expect(described).toMatchObject({ type: 'INTERNAL', cause: 'Error' });
    expect(JSON.stringify(described)).not.toContain('hunter2');
  });

  it.each([
    ['a text', 'hunter2', 'string'],
    ['an object', { password: 'hunter2' }, 'object'],
    ['null', null, 'object'],
  ])('tells of %s that was thrown only what it is', (_title, thrown, kind) => {
    const described = describeError(thrown);

    expect(described.cause).toBe(kind);
    expect(JSON.stringify(described)).not.toContain('hunter2');
  });

  it('keeps few frames, each once', () => {
    const error = new Error('x');
    error.stack = [
      'Error: x',
      ...Array.from({ length: 50 }, (_, index) => `    at frame${index} (file:///a.ts:1:1)`),
    ].join('\n');

    expect(describeError(error).stack?.split(' | ')).toHaveLength(8);
  });
});

describe('a log line', () => {
  it('masks values and describes errors', () => {
    const captured = captureLog();

    captured.log.info({ value: SecretValue.fromText('hunter2'), err: new Error('hunter2') }, 'something');

    expect(captured.lines).toMatchObject([{ msg: 'something', value: '[secret]', err: { type: 'INTERNAL' } }]);
    expect(captured.text()).not.toContain('hunter2');
  });

  it('is written from the given level on', () => {
    const log = createLog('silent');

    expect(() => log.fatal('nobody hears this')).not.toThrow();
  });
});
