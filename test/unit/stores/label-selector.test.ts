import { describe, expect, it } from 'vitest';
import { Fields } from '../../../src/fields.ts';
import { readLabelSelector } from '../../../src/stores/label-selector.ts';

const LABELS = { team: 'payments', stage: 'prod' };

function read(selector: unknown) {
  const fields = Fields.of(selector, 'selector');
  const matches = readLabelSelector(fields);
  return { matches: matches(LABELS), problems: fields.problems.map(({ path, message }) => `${path}: ${message}`) };
}

function expression(key: string, operator: string, values?: readonly string[]) {
  return { matchExpressions: [{ key, operator, values }] };
}

describe('readLabelSelector', () => {
  it.each<[selector: unknown, matches: boolean]>([
    [{}, true],
    [{ matchLabels: { team: 'payments' } }, true],
    [{ matchLabels: { team: 'payments', stage: 'test' } }, false],
    [{ matchLabels: { owner: 'payments' } }, false],
    [expression('team', 'In', ['search', 'payments']), true],
    [expression('team', 'In', ['search']), false],
    [expression('owner', 'In', ['payments']), false],
    [expression('team', 'NotIn', ['search']), true],
    [expression('team', 'NotIn', ['payments']), false],
    [expression('owner', 'NotIn', ['payments']), true],
    [expression('team', 'Exists'), true],
    [expression('constructor', 'Exists'), false],
    [expression('owner', 'DoesNotExist'), true],
    [expression('team', 'DoesNotExist', []), false],
    [{ matchLabels: { team: 'payments' }, ...expression('stage', 'In', ['test']) }, false],
  ])('%j matches: %s', (selector, matches) => {
    expect(read(selector)).toEqual({ matches, problems: [] });
  });

  it.each<[selector: unknown, problem: string]>([
    [{ matchLabels: { team: 7 } }, 'selector.matchLabels: must be a mapping of strings'],
    [{ matchExpressions: {} }, 'selector.matchExpressions: must be a list'],
    [
      expression('team', 'Equals', ['payments']),
      'selector.matchExpressions[0].operator: must be one of In, NotIn, Exists, DoesNotExist',
    ],
    [
      { matchExpressions: [{ key: 'team', values: ['payments'] }] },
      'selector.matchExpressions[0].operator: is required: one of In, NotIn, Exists, DoesNotExist',
    ],
    [expression('owner', 'NotIn', []), 'selector.matchExpressions[0].values: must not be empty with NotIn'],
    [expression('team', 'Exists', ['payments']), 'selector.matchExpressions[0].values: must be empty with Exists'],
  ])('matches nothing with the mistake in %j', (selector, problem) => {
    expect(read(selector)).toEqual({ matches: false, problems: [problem] });
  });
});
