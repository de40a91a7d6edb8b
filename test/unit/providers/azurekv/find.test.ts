import { describe, expect, it, vi } from 'vitest';
import { failure } from '../../../contract/stage.ts';
import type { AzureObject } from '../../../support/loopback-azure-vault.ts';
import { CALL, openAzure, version } from '../../../support/open-azure.ts';

const SECRETS: Readonly<Record<string, AzureObject>> = {
  'api-db': { versions: [version(1)], tags: { team: 'payments', env: 'prod' } },
  'api-cache': { versions: [version(1)], tags: { team: 'payments' } },
  'old-db': { versions: [{ ...version(1), isDisabled: true }], tags: { team: 'payments', env: 'prod' } },
  web: { versions: [version(1)] },
};

function manySecrets(count: number): Readonly<Record<string, AzureObject>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`s-${index}`, { versions: [version(1)] }]));
}

/** A page that is followed by itself. */
function endless(url: string) {
  return { status: 200, body: { value: [], nextLink: `${url}/secrets?api-version=7.4&$skiptoken=1` } };
}

describe('find', () => {
  it.each([
    ['a name', { name: { regexp: 'db$' } }, ['api-db']],
    ['a tag', { tags: { team: 'payments' } }, ['api-cache', 'api-db']],
    ['all of several tags', { tags: { team: 'payments', env: 'prod' } }, ['api-db']],
    ['a name and a tag', { name: { regexp: '^api' }, tags: { env: 'prod' } }, ['api-db']],
    ['a tag that nothing has', { tags: { constructor: 'x' } }, []],
    ['nothing', {}, ['api-cache', 'api-db', 'web']],
    ['a path, which means nothing here', { path: 'prod', name: { regexp: '^web$' } }, ['web']],
  ])('finds enabled secrets by %s', async (_, query, keys) => {
    const { connect } = await openAzure({ vault: { objects: { secrets: SECRETS } } });
    const client = await connect();

    const found = await client.find?.(query, CALL);

    expect(found?.map(({ key }) => key).toSorted()).toEqual(keys);
  });

  it('follows pages', async () => {
    const { server, connect } = await openAzure({ vault: { objects: { secrets: manySecrets(60) } } });
    const client = await connect();

    const found = await client.find?.({ name: { regexp: '^s-(1|31|59)$' } }, CALL);

    expect(found?.map(({ key }) => key)).toEqual(['s-1', 's-31', 's-59']);
    expect(server.calls).toMatchObject({ list: 3, get: 3 });
  });

  it('follows no page to another host: the token would go with it', async () => {
    const { server, connect } = await openAzure();
    const foreign = await openAzure();
    const client = await connect();
    server.interrupt({ status: 200, body: { value: [], nextLink: `${foreign.server.url}/secrets?api-version=7.4` } });

    await expect(client.find?.({}, CALL)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    expect(foreign.server.requests).toEqual([]);
  });

  it('stops at the deadline also after the first page', async () => {
    const { server, connect } = await openAzure();
    const client = await connect();
    const deadline = new AbortController();
    server.interrupt(endless(server.url));

    const finding = failure(Promise.resolve(client.find?.({}, { signal: deadline.signal })));
    await vi.waitUntil(() => server.requests.length > 3, { interval: 1 });
    deadline.abort();

    expect((await finding).code).toBe('PROVIDER_TIMEOUT');
  });

  it('follows no pages without end', async () => {
    const { server, connect } = await openAzure();
    const client = await connect();
    server.interrupt(endless(server.url));

    await expect(client.find?.({}, CALL)).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
  });

  it('bounds what it reads', async () => {
    const { server, connect } = await openAzure({ vault: { objects: { secrets: manySecrets(1001) } } });
    const client = await connect();

    await expect(client.find?.({}, CALL)).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(server.calls.get).toBe(0);
  });

  it('says which permission a list needs', async () => {
    const { connect } = await openAzure({ vault: { grants: [] } });
    const client = await connect();

    await expect(client.find?.({}, CALL)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('list its secrets'),
    });
  });
});
