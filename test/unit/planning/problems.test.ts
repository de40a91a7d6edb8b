import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { groupProblems, joinPlaces } from '../../../src/planning/problems.ts';

function missing(where?: string, message = 'it does not exist'): LatchkeyError {
  return new LatchkeyError('SECRET_NOT_FOUND', message, { where, hint: 'Create it', retryAfterMs: 7, cause: 'why' });
}

describe('groupProblems', () => {
  it('tells a problem of several places once', () => {
    const groups = groupProblems([missing('A'), missing('B', 'it is gone'), missing('C'), missing('A')]);

    expect(groups.map(({ line }) => line)).toEqual([
      'A; C: it does not exist. Create it. [SECRET_NOT_FOUND]',
      'B: it is gone. Create it. [SECRET_NOT_FOUND]',
    ]);
    expect(groups[0]).toMatchObject({ retryAfterMs: 7, cause: 'why' });
  });

  it('keeps problems without a place', () => {
    expect(groupProblems([missing(), missing()]).map(({ line }) => line)).toEqual([
      'it does not exist. Create it. [SECRET_NOT_FOUND]',
    ]);
  });

  it('does not join problems of different codes or hints', () => {
    const problems = [
      new LatchkeyError('ACCESS_DENIED', 'no'),
      new LatchkeyError('IDENTITY_REJECTED', 'no'),
      new LatchkeyError('ACCESS_DENIED', 'no', { hint: 'Ask' }),
    ];

    expect(groupProblems(problems)).toEqual(problems);
  });
});

describe('joinPlaces', () => {
  it.each([
    [[], ''],
    [['A'], 'A'],
    [['A', 'B'], 'A; B'],
    [['A', 'B', 'C', 'D', 'E'], 'A; B; C; D; E'],
    [['A', 'B', 'C', 'D', 'E', 'F', 'G'], 'A; B; C; D; E; and 2 more'],
  ])('joins %j', (places, text) => {
    expect(joinPlaces(places)).toBe(text);
  });
});
