import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../../src/resolve/gjson/budget.ts';
import { matchesWildcard } from '../../../../src/resolve/gjson/wildcard.ts';

function matches(text: string, pattern: string): boolean {
  return matchesWildcard(bytes(text), bytes(pattern), new Budget(0));
}

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

describe('matchesWildcard', () => {
  it.each([
    ['password', 'pass*', true],
    ['password', '*word', true],
    ['password', 'p*s*d', true],
    ['password', 'p*x*d', false],
    ['café', 'caf?', true],
    ['😀', '?', true],
    ['a*b', 'a\\*b', true],
    ['axb', 'a\\*b', false],
    ['', '', true],
    ['', '*', true],
    ['', '?', false],
    ['a', 'a\\', false],
  ])('on %j and %j is %j', (text, pattern, expected) => {
    expect(matches(text, pattern)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const text = array(constantFrom('a', 'b', 'é')).map((parts) => parts.join(''));
    const pattern = array(constantFrom('a', 'b', 'é', '*', '?'), { maxLength: 8 }).map((parts) => parts.join(''));

    assert(
      property(text, pattern, (subject, wildcards) => {
        const regexp = new RegExp(`^${wildcards.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'u');
        expect(matches(subject, wildcards)).toBe(regexp.test(subject));
      }),
      { numRuns: 1000 },
    );
  });
});
