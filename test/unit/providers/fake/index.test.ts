import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { Fields } from '../../../../src/fields.ts';
import { fake } from '../../../../src/providers/fake/index.ts';
import type { Call, SecretsClient, StoreIdentity } from '../../../../src/providers/provider.ts';

const LIMITS = { audiences: [], endpoints: [], maxResponseBytes: 1024 };
const CALL: Call = { signal: new AbortController().signal };
const NOBODY: StoreIdentity = {
  key: 'none',
  token: () => Promise.reject(new Error('the fake asks for no token')),
  credential: () => Promise.reject(new Error('the fake asks for no credential')),
};

const DATA = [
  { key: 'prod/db', value: '{"user":"app"}' },
  { key: 'prod/db', value: 'first', version: 'v1' },
  { key: 'prod/db', value: 'second', version: 'v2' },
  { key: 'dev/db', value: 'd' },
];

function configure(block: unknown) {
  const fields = Fields.of(block, 'spec.provider.fake');
  return { store: fake.configure(fields, LIMITS), problems: fields.problems };
}

function connect(block: unknown): Promise<SecretsClient> {
  return configure(block).store.connect(NOBODY, CALL);
}

async function refusal(outcome: Promise<unknown> | undefined): Promise<string> {
  return LatchkeyError.from(
    await outcome?.then(
      () => undefined,
      (error: unknown) => error,
    ),
  ).line;
}

describe('the fake provider', () => {
  it('presents no identity and looks properties up by path', () => {
    const { store, problems } = configure({ data: DATA });

    expect(problems).toEqual([]);
    expect(store.needs).toEqual({ who: 'none', audiences: [], credentials: [], caBundles: [] });
    expect(store.property).toBe('path');
  });

  it.each([
    [{ key: 'prod/db' }, '{"user":"app"}', undefined],
    [{ key: 'prod/db', version: 'v1' }, 'first', 'v1'],
    [{ key: 'prod/db', version: 'v2' }, 'second', 'v2'],
  ])('reads %j', async (ref, value, version) => {
    const client = await connect({ data: DATA });

    const fetched = await client.read(ref, CALL);

    expect(fetched.value.exposeText()).toBe(value);
    expect(fetched.version).toBe(version);
  });

  it('lets the last of equal entries count', async () => {
    const client = await connect({ data: [...DATA, { key: 'dev/db', value: 'later', version: '' }] });

    const fetched = await client.read({ key: 'dev/db' }, CALL);

    expect(fetched.value.exposeText()).toBe('later');
  });

  it.each([
    [{ key: 'prod/bd' }, 'the store has no secret "prod/bd". Did you mean "prod/db"? [SECRET_NOT_FOUND]'],
    [
      { key: 'something-else' },
      'the store has no secret "something-else". Add it to the data of the store, or correct the key. [SECRET_NOT_FOUND]',
    ],
    [
      { key: 'prod/db', version: 'v3' },
      'the store has no secret "prod/db" of version "v3". Ask for a version it has: none, v1, v2. [SECRET_NOT_FOUND]',
    ],
  ])('reports %j as missing', async (ref, line) => {
    const client = await connect({ data: DATA });

    expect(await refusal(client.read(ref, CALL))).toBe(line);
  });

  it.each([
    ['db', { 'prod/db': 'second', 'dev/db': 'd' }],
    ['^prod/', { 'prod/db': 'second' }],
    ['(?i)DEV', { 'dev/db': 'd' }],
    ['nothing', {}],
  ])('finds the newest version of every key that %s matches', async (regexp, expected) => {
    const client = await connect({ data: DATA });

    const found = await client.find?.({ name: { regexp } }, CALL);

    expect(Object.fromEntries(found?.map(({ key, value }) => [key, value.exposeText()]) ?? [])).toEqual(expected);
  });

  it('refuses to find by tags, or by what Go does not accept', async () => {
    const client = await connect({ data: DATA });

    expect(await refusal(client.find?.({ tags: { a: 'b' } }, CALL))).toBe(
      'the fake provider finds by name only. Write find.name.regexp. [REF_INVALID]',
    );
    expect(await refusal(client.find?.({ name: { regexp: '(?=x)' } }, CALL))).toContain('RE2');
  });

  it.each([undefined, 0, 1])('is valid with validationResult %s', async (validationResult) => {
    const client = await connect({ data: DATA, validationResult });

    await expect(client.validate?.(CALL)).resolves.toBeUndefined();
  });

  it('is invalid with validationResult 2', async () => {
    const client = await connect({ data: DATA, validationResult: 2 });

    expect(await refusal(client.validate?.(CALL))).toContain('[STORE_INVALID]');
  });

  it('names every bad field, and no value', () => {
    const { problems } = configure({
      data: [{ value: 'hunter2' }, { key: 'a', value: '' }, { key: 'b', value: 'hunter2', version: 7 }, 'hunter2'],
      validationResult: 'x',
    });

    expect(problems.map(({ path }) => path).sort()).toEqual([
      'spec.provider.fake.data[0].key',
      'spec.provider.fake.data[1].value',
      'spec.provider.fake.data[2].version',
      'spec.provider.fake.data[3]',
      'spec.provider.fake.data[3].key',
      'spec.provider.fake.data[3].value',
      'spec.provider.fake.validationResult',
    ]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('needs data', () => {
    expect(configure({}).problems).toEqual([{ path: 'spec.provider.fake.data', message: 'is required' }]);
  });
});
