import { describe, expect, it } from 'vitest';
import { renderSecret } from '../../../src/delivery/render-secret.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { PlannedSecret } from '../../../src/planning/plan.ts';
import { anAsker, aReference } from '../../support/a-store.ts';
import { ABSENT, aPlannedSecret, fakeResolver, linesOf, noCopies, type Remote } from '../../support/fill-scene.ts';
import { storesOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const DB = aReference('db');

async function render(secret: PlannedSecret, remotes: Readonly<Record<string, Remote>>) {
  const resolver = fakeResolver(remotes);
  const rendered = await renderSecret(secret, anAsker(), { resolver, stores: storesOf(), ...noCopies() }, CALL);
  const texts = [...rendered.data].map(([key, value]) => [key, value.exposeText()]);
  return { ...rendered, lines: linesOf(rendered), texts: Object.fromEntries(texts) as unknown, asked: resolver.asked };
}

function aMap(rest: Partial<PlannedSecret['map']> = {}): PlannedSecret {
  return { ...aPlannedSecret({}), map: { reference: aReference('all'), places: ['annotation X'], ...rest } };
}

describe('rendering keys', () => {
  it('puts values and texts together, byte for byte', async () => {
    const bytes = new Uint8Array([0xff, 0xfe]);

    const { data, warnings } = await render(aPlannedSecret({ A: ['a', DB, 'ü'] }), { db: bytes });

    expect(Buffer.from(data.get('A')?.expose() ?? []).toString('hex')).toBe('61fffec3bc');
    expect(warnings).toEqual([
      'container "api", env A: the value is not UTF-8 text; few programs expect that of a variable',
    ]);
  });

  it('asks once for a reference that several keys use', async () => {
    const { texts, asked } = await render(aPlannedSecret({ A: [DB], B: ['b', DB, DB] }), { db: 'x' });

    expect(texts).toEqual({ A: 'x', B: 'bxx' });
    expect(asked).toEqual(['db']);
  });

  it('leaves an absent value out, and takes it for empty inside a longer one', async () => {
    const { texts } = await render(aPlannedSecret({ A: [DB], B: ['b', DB], C: ['', DB] }), { db: ABSENT });

    expect(texts).toEqual({ B: 'b', C: '' });
  });

  it('names the problem of every key with its places', async () => {
    const gone = new LatchkeyError('SECRET_NOT_FOUND', 'it is gone');
    const secret = aPlannedSecret({ A: [DB], B: ['b', DB], C: [aReference('c')] });

    const { lines } = await render(secret, { db: gone, c: 'c\0' });

    expect(lines).toEqual([
      'container "api", env A: it is gone. [SECRET_NOT_FOUND]',
      'container "api", env B: it is gone. [SECRET_NOT_FOUND]',
      'container "api", env C: the value of C holds a NUL byte, which no variable can carry. Store it base64-encoded, and let the program decode it. [VALUE_INVALID]',
    ]);
  });

  it('goes on where one store was deleted meanwhile', async () => {
    const secret = aPlannedSecret({ A: [aReference('a', { store: { kind: 'SecretStore', name: 'gone' } })], B: [DB] });

    const { lines, asked } = await render(secret, { db: 'x' });

    expect(asked).toEqual(['db']);
    expect(lines).toEqual([
      'container "api", env A: the store was deleted a moment ago. Create it again, or correct the reference. [STORE_NOT_FOUND]',
    ]);
  });

  it('names no place for a Secret that was read back from a stored Pod', async () => {
    const keys = { A: { template: [DB], places: [] } };
    const error = new LatchkeyError('ACCESS_DENIED', 'no');

    const { lines } = await render({ ...aPlannedSecret({}), keys }, { db: error });

    expect(lines).toEqual(['no. [ACCESS_DENIED]']);
  });

  it('refuses what no Secret can hold, with all of its keys', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `K${index}`);
    const secret = aPlannedSecret(Object.fromEntries(names.map((name) => [name, [DB]])));

    const { lines, problems } = await render(secret, { db: 'x'.repeat(130_000) });

    expect(problems[0]?.code).toBe('VALUE_TOO_LARGE');
    expect(lines).toEqual([expect.stringMatching(/^the values have 1170000 bytes together \(largest: K0 130000/)]);
  });
});

describe('rendering a whole secret', () => {
  it('makes a key of each property', async () => {
    const { texts } = await render(aMap(), { all: { user: 'u', 'pass word': 'p' } });

    expect(texts).toEqual({ user: 'u', pass_word: 'p' });
  });

  it('makes an empty Secret of an absent one', async () => {
    expect(await render(aMap(), { all: ABSENT })).toMatchObject({ texts: {}, problems: [] });
  });

  it.each<[string, Remote, string]>([
    ['two properties of one key', { 'a b': '1', 'a/b': '2' }, 'two properties become the variable a_b'],
    ['a key that no Secret has', { '..': '1' }, 'a property has a name that no key of a Secret can have'],
    ['a NUL byte', { a: '\0' }, 'the value of a holds a NUL byte'],
    ['what cannot be read', new LatchkeyError('ACCESS_DENIED', 'no'), 'no'],
  ])('refuses %s', async (_title, remote, message) => {
    const { lines } = await render(aMap(), { all: remote });

    expect(lines).toEqual([expect.stringMatching(`^annotation X: ${message}`)]);
  });

  it('refuses a store that was deleted meanwhile', async () => {
    const reference = aReference('all', { store: { kind: 'SecretStore', name: 'gone' } });

    const { problems } = await render(aMap({ reference }), {});

    expect(problems).toMatchObject([{ code: 'STORE_NOT_FOUND', where: 'annotation X' }]);
  });
});
