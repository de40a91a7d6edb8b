import { describe, expect, it } from 'vitest';
import type { FindQuery } from '../../../../src/providers/provider.ts';
import type { KvEngine, KvSecret } from '../../../support/loopback-kv.ts';
import { CALL, openVault } from '../../../support/open-vault.ts';

const ONE: KvSecret = { versions: [{ json: '{"a":"1"}' }] };
const TREE: KvEngine = {
  version: 2,
  secrets: new Map<string, KvSecret>([
    ['top', ONE],
    ['prod/db', { ...ONE, metadata: { team: 'payments', tier: '1' } }],
    ['prod/eu/db', { ...ONE, metadata: { team: 'payments' } }],
    ['prod/eu/gone', { versions: [{ json: '{"a":"1"}', state: 'deleted' }] }],
    ['test/db', ONE],
  ]),
};

async function find(query: FindQuery, engine = TREE, block: object = {}) {
  const vault = await openVault({ contents: { engines: { secret: engine } }, block });
  const client = await vault.connect();
  const found = await client.find?.(query, CALL);
  return { keys: found?.map(({ key }) => key).sort(), requests: vault.server.requests };
}

describe('find', () => {
  it.each([
    ['everything below the mount', {}, ['prod/db', 'prod/eu/db', 'test/db', 'top']],
    ['everything below a path', { path: 'prod' }, ['prod/db', 'prod/eu/db']],
    ['the same, slashes at its ends or not', { path: '/prod/' }, ['prod/db', 'prod/eu/db']],
    ['a name anywhere in the path', { name: { regexp: 'eu/' } }, ['prod/eu/db']],
    ['a name with the path before it', { path: 'prod', name: { regexp: '^prod/db$' } }, ['prod/db']],
    ['all tags', { tags: { team: 'payments', tier: '1' } }, ['prod/db']],
    ['names, tags or not', { name: { regexp: '^t' }, tags: { team: 'nobody' } }, ['test/db', 'top']],
    ['nothing', { name: { regexp: 'nothing' } }, []],
  ])('finds %s', async (_, query, keys) => {
    await expect(find(query)).resolves.toMatchObject({ keys });
  });

  it('reads no metadata where no tags are asked for', async () => {
    const { requests } = await find({ path: 'prod' });

    const metadata = requests.filter(({ path, query }) => path.includes('/metadata/') && !query.has('list'));
    expect(metadata).toEqual([]);
  });

  it('keeps the mount in its keys where the store has none', async () => {
    await expect(find({ path: 'secret/prod' }, TREE, { path: undefined })).resolves.toMatchObject({
      keys: ['secret/prod/db', 'secret/prod/eu/db'],
    });
    await expect(find({ path: 'secret' }, TREE, { path: undefined })).resolves.toMatchObject({
      keys: ['secret/prod/db', 'secret/prod/eu/db', 'secret/test/db', 'secret/top'],
    });
  });

  it('lists an engine of version 1 too', async () => {
    await expect(find({ path: 'prod' }, { ...TREE, version: 1 }, { version: 'v1' })).resolves.toMatchObject({
      keys: ['prod/db', 'prod/eu/db', 'prod/eu/gone'],
    });
  });

  it.each([
    ['a path with nothing below it', { path: 'nothing' }, {}, 'SECRET_NOT_FOUND'],
    ['tags in version 1', { tags: { a: 'b' } }, { version: 'v1' }, 'REF_INVALID'],
    ['a name that is no pattern', { name: { regexp: 'a(?=b)' } }, {}, 'REF_INVALID'],
    ['neither path nor mount', {}, { path: undefined }, 'REF_INVALID'],
    ['a path that leaves the mount', { path: '../sys' }, {}, 'REF_INVALID'],
  ])('refuses %s', async (_, query, block, code) => {
    await expect(find(query, TREE, block)).rejects.toMatchObject({ code });
  });

  it('refuses to read more than a thousand secrets', async () => {
    const names = Array.from({ length: 1001 }, (__, n) => [`many/${n}`, ONE] as const);

    await expect(find({ path: 'many' }, { version: 2, secrets: new Map(names) })).rejects.toMatchObject({
      code: 'VALUE_TOO_LARGE',
      message: 'find would read more than 1000 secrets below "many"',
    });
  });

  it('refuses to list more than five hundred folders', async () => {
    const names = Array.from({ length: 500 }, (__, n) => [`many/${n}/x`, ONE] as const);

    await expect(find({ path: 'many' }, { version: 2, secrets: new Map(names) })).rejects.toMatchObject({
      code: 'VALUE_TOO_LARGE',
    });
  });
});
