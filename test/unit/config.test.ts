import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { LatchkeyError } from '../../src/errors.ts';

function problemsOf(text: string): string {
  try {
    parseConfig(text);
    return '';
  } catch (error) {
    return LatchkeyError.from(error).message;
  }
}

describe('parseConfig', () => {
  it('takes an empty file as all defaults', () => {
    expect(parseConfig('')).toEqual(parseConfig('{}'));
    expect(parseConfig('').namespace).toBe('latchkey-system');
  });

  it('names every mistake with its path', () => {
    const problems = problemsOf('tls: {mode: none, leafLifetime: 1s}\nwebhok: {}');

    expect(problems).toContain('3 mistake(s)');
    expect(problems).toContain('tls.mode: must be self-signed or files');
    expect(problems).toContain('tls.leafLifetime: must be a duration from 1m to 8760h');
    expect(problems).toContain('webhok: is no setting');
  });

  it('asks for both files where certificates come from files', () => {
    expect(problemsOf('tls: {mode: files, certFile: /a}')).toContain('tls.keyFile: is required');
  });

  it.each([
    ['3m', '15s', ''],
    ['270s', '60s', ''],
    ['269s', '60s', 'tls.caLifetime: must be at least 270s with tls.rotationSpread: 60s'],
    ['1h', '1h', 'tls.caLifetime: must be at least 10890s with tls.rotationSpread: 1h'],
  ])('lets an authority of %s with a spread of %s live until the next one signs', (caLifetime, spread, problem) => {
    const problems = problemsOf(`tls: {caLifetime: ${caLifetime}, rotationSpread: ${spread}}`);

    expect(problems.endsWith(problem)).toBe(true);
    expect(problems === '').toBe(problem === '');
  });
});
