import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPlan, parsePlan } from '../../../src/planning/plan-annotation.ts';
import type { PlannedSecret } from '../../../src/planning/plan.ts';
import type { Template } from '../../../src/references/reference.ts';
import { aReference } from '../../support/a-store.ts';
import { arbitraryReference } from '../references/arbitrary-references.ts';

const SECRET = {
  name: 'lk-1',
  owner: { kind: 'lease' },
  writer: 'webhook',
  recorded: false,
  keys: {},
} as const satisfies PlannedSecret;

const COPY: PlannedSecret = {
  ...SECRET,
  name: 'lk-3',
  definition: { externalSecret: 'db', digest: 'd', places: ['somewhere'], optional: false, variables: [] },
};

function withKeys(keys: Readonly<Record<string, Template>>): PlannedSecret {
  const entries = Object.entries(keys).map(([key, template]) => [key, { template, places: ['somewhere'] }]);
  return { ...SECRET, keys: Object.fromEntries(entries) };
}

describe('formatPlan', () => {
  it('writes names, keys and references, and the literal parts of longer values', () => {
    const text = formatPlan([
      withKeys({ A: [aReference('db')], B: ['postgres://', aReference('db', { property: 'user' })] }),
      { ...SECRET, name: 'lk-2', map: { reference: aReference('all'), places: [] } },
      COPY,
    ]);

    expect(JSON.parse(text)).toEqual({
      v: 1,
      secrets: [
        {
          name: 'lk-1',
          owner: 'lease',
          keys: {
            A: 'secretstore://aws-prod/db',
            B: [{ text: 'postgres://' }, 'secretstore://aws-prod/db#user'],
          },
        },
        { name: 'lk-2', owner: 'lease', map: 'secretstore://aws-prod/all' },
        { name: 'lk-3', owner: 'lease', definition: 'db', digest: 'd' },
      ],
    });
  });
});

describe('parsePlan', () => {
  it('reads back what a copy is of', () => {
    expect(parsePlan(formatPlan([COPY]))).toEqual([
      { name: 'lk-3', owner: 'lease', keys: {}, definition: { externalSecret: 'db', digest: 'd' } },
    ]);
  });

  it('reads back what formatPlan wrote', () => {
    const template = fc.array(fc.oneof(fc.string(), arbitraryReference), { minLength: 1, maxLength: 3 });
    const keys = fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), template, { noNullPrototype: true });

    fc.assert(
      fc.property(keys, (written) => {
        const [read] = parsePlan(formatPlan([withKeys(written)]));

        expect(Object.entries(read?.keys ?? {}).map(([key, { template: parts }]) => [key, parts])).toEqual(
          Object.entries(written),
        );
      }),
    );
  });

  it.each([
    ['nothing', undefined],
    ['no text', 7],
    ['no JSON', '{'],
    ['no mapping', '[]'],
    ['another version', '{"v":2,"secrets":[]}'],
    ['Secrets without names', '{"v":1,"secrets":[{"keys":{}}]}'],
    ['Secrets without keys', '{"v":1,"secrets":[{"name":"lk-1"}]}'],
    ['keys that are a list', '{"v":1,"secrets":[{"name":"lk-1","keys":["A"]}]}'],
    ['what is no reference', '{"v":1,"secrets":[{"name":"lk-1","keys":{"A":"hunter2"}}]}'],
    ['what is no template', '{"v":1,"secrets":[{"name":"lk-1","keys":{"A":[{"t":"x"}]}}]}'],
    ['a number as a template', '{"v":1,"secrets":[{"name":"lk-1","keys":{"A":1}}]}'],
    ['a broken map', '{"v":1,"secrets":[{"name":"lk-1","map":"secretstore://"}]}'],
  ])('reads %s as no plan', (_title, text) => {
    expect(parsePlan(text)).toEqual([]);
  });
});
