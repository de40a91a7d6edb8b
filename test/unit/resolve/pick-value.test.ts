import { describe, expect, it } from 'vitest';
import type { PropertyRule } from '../../../src/providers/provider.ts';
import { pickMap } from '../../../src/resolve/pick-value.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { aReference } from '../../support/a-store.ts';

const SECRET = {
  value: SecretValue.fromText('{"part":{"a":1}}'),
  toMap: () => new Map([['own', SecretValue.fromText('form')]]),
};

describe('taking a remote secret apart', () => {
  it.each([
    ['vault', {}, ['own']],
    ['vault', { property: 'part' }, ['own']],
    ['vault', { metadata: true }, ['part']],
    ['data-key', {}, ['own']],
    ['data-key', { property: 'part' }, ['a']],
    ['data-key', { metadata: true, property: 'part' }, ['a']],
  ] as const)('by the rule %s and %j gives %j', (rule: PropertyRule, settings, expected) => {
    const map = pickMap(SECRET, aReference('k', settings), rule);

    expect([...map.keys()]).toEqual(expected);
  });
});
