import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECRET_NAME, secretKeys, secretName, templateParts } from '../../../src/planning/secret-name.ts';
import type { Template } from '../../../src/references/reference.ts';
import { aReference } from '../../support/a-store.ts';
import { arbitraryReference } from '../references/arbitrary-references.ts';

const SCOPE = { namespace: 'payments', serviceAccountUid: 'sa-1', ownerUid: 'rs-1' };
const DB: Template = [aReference('db')];

function keysOf(keys: Readonly<Record<string, Template>>) {
  return { keys: Object.fromEntries(Object.entries(keys).map(([key, template]) => [key, { template, places: [] }])) };
}

const arbitraryScope = fc.record({ namespace: fc.string(), serviceAccountUid: fc.string(), ownerUid: fc.string() });
const arbitraryTemplate = fc.array(fc.oneof(fc.string(), arbitraryReference), { minLength: 1, maxLength: 3 });
const arbitraryKeys = fc.dictionary(fc.string({ minLength: 1 }), arbitraryTemplate, { minKeys: 1, maxKeys: 3 });

describe('secretName', () => {
  it('stays the same from version to version', () => {
    expect(secretName(SCOPE, keysOf({ A: DB, B: ['x', aReference('b')] }))).toBe('lk-946601782d1532c0af8d7874bdbbbde6');
  });

  it('stays the same for a copy of an ExternalSecret, and differs with its name and its content', () => {
    const names = [
      ['db', 'd'],
      ['db', 'e'],
      ['dc', 'd'],
    ].map(([externalSecret = '', digest = '']) => {
      return secretName(SCOPE, { keys: {}, definition: { externalSecret, digest } });
    });

    expect(names[0]).toBe('lk-d98747e8f86520ce2d8ad5cb9c3a5317');
    expect(new Set([...names, secretName(SCOPE, { keys: {} })]).size).toBe(4);
  });

  it('does not depend on the order of keys or on places', () => {
    const places = ['container "api", env A'];

    const names = [
      secretName(SCOPE, keysOf({ A: DB, B: ['x'] })),
      secretName(SCOPE, { keys: { B: { template: ['x'], places }, A: { template: DB, places } } }),
    ];

    expect(names[0]).toBe(names[1]);
  });

  it.each([
    ['another namespace', secretName({ ...SCOPE, namespace: 'other' }, keysOf({ A: DB }))],
    ['another ServiceAccount', secretName({ ...SCOPE, serviceAccountUid: 'sa-2' }, keysOf({ A: DB }))],
    ['another owner', secretName({ ...SCOPE, ownerUid: '' }, keysOf({ A: DB }))],
    ['another key', secretName(SCOPE, keysOf({ B: DB }))],
    ['another reference', secretName(SCOPE, keysOf({ A: [aReference('db', { optional: true })] }))],
    ['a text that reads like the reference', secretName(SCOPE, keysOf({ A: ['secretstore://aws-prod/db'] }))],
    ['an empty text beside it', secretName(SCOPE, keysOf({ A: ['', ...DB] }))],
    ['the whole secret', secretName(SCOPE, { keys: {}, map: { reference: aReference('db'), places: [] } })],
  ])('differs for %s', (_title, name) => {
    expect(name).toMatch(SECRET_NAME);
    expect(name).not.toBe(secretName(SCOPE, keysOf({ A: DB })));
  });

  it('is the same for the same scope and keys only', () => {
    fc.assert(
      fc.property(
        arbitraryScope,
        arbitraryScope,
        arbitraryKeys,
        arbitraryKeys,
        (scope, otherScope, keys, otherKeys) => {
          const isSame = identity(scope, keys) === identity(otherScope, otherKeys);

          expect(secretName(scope, keysOf(keys)) === secretName(otherScope, keysOf(otherKeys))).toBe(isSame);
          expect(secretName({ ...scope }, keysOf({ ...keys }))).toBe(secretName(scope, keysOf(keys)));
        },
      ),
    );
  });

  function identity(scope: object, keys: Readonly<Record<string, Template>>): string {
    const entries = Object.entries(keys).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([scope, entries.map(([key, template]) => [key, templateParts(template)])]);
  }
});

describe('secretKeys', () => {
  it.each([
    ['a name', ['DB_PASSWORD'], ['DB_PASSWORD']],
    ['names of inherited properties', ['__proto__', 'constructor'], ['__proto__', 'constructor']],
  ])('keeps %s', (_title, names, keys) => {
    expect(secretKeys(names.map((name) => ({ name, template: DB })))).toEqual(keys);
  });

  it.each([
    ['no Secret key', 'ü b', /^__b\.[0-9a-f]{8}$/],
    ['two dots, which no Secret key begins with', '..', /^_\.[0-9a-f]{8}$/],
    ['dots at the beginning', '..A', /^_A\.[0-9a-f]{8}$/],
    ['one dot', '.', /^_\.[0-9a-f]{8}$/],
    ['nothing', '', /^\.[0-9a-f]{8}$/],
    ['longer than a Secret key', 'A'.repeat(300), /^A{200}\.[0-9a-f]{8}$/],
  ])('adds a hash to a name that is %s', (_title, name, key) => {
    expect(secretKeys([{ name, template: DB }])).toEqual([expect.stringMatching(key)]);
  });

  it('tells apart a name with a hash of ours and the name that the hash was added to', () => {
    const other: Template = [aReference('other')];
    const [hashed = ''] = secretKeys([
      { name: 'A', template: DB },
      { name: 'A', template: other },
    ]);

    const keys = secretKeys([
      { name: 'A', template: DB },
      { name: 'A', template: other },
      { name: hashed, template: ['third'] },
    ]);

    expect(new Set(keys).size).toBe(3);
  });

  it('gives valid keys, one for each name and template', () => {
    const variable = fc.record({ name: fc.string({ maxLength: 300 }), template: arbitraryTemplate });

    fc.assert(
      fc.property(fc.array(variable, { maxLength: 8 }), (variables) => {
        const keys = secretKeys([...variables, ...variables]);

        const identities = variables.map(({ name, template }) => JSON.stringify([name, templateParts(template)]));
        for (const key of keys) expect(key).toMatch(/^(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}$/);
        expect(keys.slice(0, variables.length)).toEqual(keys.slice(variables.length));
        expect(new Set(keys).size).toBe(new Set(identities).size);
      }),
    );
  });
});
