import { describe, expect, it } from 'vitest';
import { Fields } from '../../../src/fields.ts';
import { readConditions } from '../../../src/stores/namespace-conditions.ts';

const NAMESPACE = { name: 'team-payments', labels: { stage: 'prod' }, annotations: {} };

function read(spec: unknown) {
  const fields = Fields.of(spec, 'spec');
  const allows = readConditions(fields);
  return { allows: allows(NAMESPACE), problems: fields.problems.map(({ path, message }) => `${path}: ${message}`) };
}

describe('readConditions', () => {
  it.each<[rule: string, conditions: unknown, allows: boolean]>([
    ['no conditions open the store to all', undefined, true],
    ['null neither closes it', null, true],
    ['an empty list neither', [], true],
    ['an entry that says nothing fits nothing', [{}], false],
    ['an empty selector fits everything', [{ namespaceSelector: {} }], true],
    ['a selector looks at labels', [{ namespaceSelector: { matchLabels: { stage: 'test' } } }], false],
    ['a name fits exactly', [{ namespaces: ['team-payments'] }], true],
    ['not in part', [{ namespaces: ['team'] }], false],
    ['an expression fits anywhere in the name', [{ namespaceRegexes: ['m-pay'] }], true],
    ['unless it is anchored', [{ namespaceRegexes: ['^payments$'] }], false],
    ['in Go syntax', [{ namespaceRegexes: ['(?i)\\ATEAM-[[:alpha:]]+\\z'] }], true],
    [
      'one matcher of an entry is enough',
      [{ namespaces: ['other'], namespaceRegexes: ['^x', 'payments'], namespaceSelector: { matchLabels: { a: 'b' } } }],
      true,
    ],
    ['one entry is enough', [{ namespaces: ['other'] }, { namespaces: ['team-payments'] }], true],
    ['all may be missed', [{ namespaces: ['other'] }, { namespaceRegexes: ['^x'] }], false],
  ])('%s', (_, conditions, allows) => {
    expect(read({ conditions })).toEqual({ allows, problems: [] });
  });

  it.each<[conditions: unknown, problem: string]>([
    ['all', 'spec.conditions: must be a list'],
    [[{ namespaces: 'team-payments' }], 'spec.conditions[0].namespaces: must be a list of strings'],
    [
      [{ namespaceRegexes: ['^x', '(?=team)'] }],
      'spec.conditions[0].namespaceRegexes[1]: is not a regular expression that Go (RE2) accepts',
    ],
    [
      [{ namespaceRegexes: ['team'.repeat(251)] }],
      'spec.conditions[0].namespaceRegexes[0]: must be at most 1000 characters long',
    ],
    [
      [{ namespaceSelector: { matchLabels: ['stage'] } }],
      'spec.conditions[0].namespaceSelector.matchLabels: must be a mapping of strings',
    ],
  ])('keeps the store closed with the mistake in %j', (conditions, problem) => {
    expect(read({ conditions })).toEqual({ allows: false, problems: [problem] });
  });

  it('keeps what is in order beside a mistake', () => {
    const { allows, problems } = read({ conditions: [{ namespaceRegexes: ['(', '^team-'] }] });

    expect(allows).toBe(true);
    expect(problems).toHaveLength(1);
  });

  it('does not hang on an expression that backtracks elsewhere', () => {
    const fields = Fields.of({ conditions: [{ namespaceRegexes: ['(a+)+$'] }] }, 'spec');
    const allows = readConditions(fields);

    expect(allows({ name: `${'a'.repeat(60)}b`, labels: {}, annotations: {} })).toBe(false);
  });
});
