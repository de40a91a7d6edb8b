import { describe, expect, it } from 'vitest';
import { failure } from '../../../contract/stage.ts';
import type { RemoteSecret } from '../../../support/loopback-kubernetes.ts';
import { CALL, openKubernetes, READER } from '../../../support/open-kubernetes.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const SECRETS: Readonly<Record<string, RemoteSecret>> = {
  a: { data: { x: 'A' }, labels: { team: 'payments', env: 'prod' } },
  b: { data: { x: 'B' }, labels: { team: 'payments', env: 'test' } },
  c: { data: { x: 'C' }, labels: { team: 'search' } },
  'c.d': { data: { x: 'D' } },
};

async function open(settings: Parameters<typeof openKubernetes>[0] = {}) {
  const opened = await openKubernetes({ cluster: { secrets: { prod: SECRETS } }, ...settings });
  return { ...opened, client: await opened.connect() };
}

describe('find', () => {
  it.each([
    ['a name', { name: { regexp: '^c' } }, ['c', 'c.d']],
    ['labels', { tags: { team: 'payments', env: 'prod' } }, ['a']],
    ['labels before a name', { tags: { team: 'payments' }, name: { regexp: '^c' } }, ['a', 'b']],
    ['no labels: all', { tags: {} }, ['a', 'b', 'c', 'c.d']],
    ['labels that no Secret has', { tags: { team: 'nobody' } }, []],
    ['a path, which counts for nothing', { path: 'x', name: { regexp: 'a' } }, ['a']],
  ])('goes by %s, over all pages', async (_, query, keys) => {
    const { client } = await open();

    const found = (await client.find?.(query, CALL)) ?? [];

    expect(found.map(({ key }) => key)).toEqual(keys);
  });

  it('gives the JSON of each Secret, and asks for names first', async () => {
    const { client, server } = await open();

    const found = await client.find?.({ name: { regexp: '^a$' } }, CALL);

    expect(found?.map(({ value }) => value.exposeText())).toEqual(['{"x":"A"}']);
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/prod/secrets',
      '/api/v1/namespaces/prod/secrets',
      '/api/v1/namespaces/prod/secrets/a',
    ]);
  });

  it.each([
    ['neither name nor tags', {}],
    ['tags that are no labels', { tags: { 'a=b,c': 'd' } }],
    ['a value that is none of a label', { tags: { team: 'a,b' } }],
  ])('refuses %s before it asks', async (_, query) => {
    const { client, server } = await open();

    const error = await failure(Promise.resolve(client.find?.(query, CALL)));

    expect(error.code).toBe('REF_INVALID');
    expect(server.requests).toEqual([]);
  });

  it('needs the right to list', async () => {
    const { client } = await open({
      cluster: { secrets: { prod: SECRETS }, rules: { [READER]: [{ namespace: 'prod', verbs: ['get'] }] } },
    });

    const error = await failure(Promise.resolve(client.find?.({ tags: {} }, CALL)));

    expect(error.line).toContain('does not let ServiceAccount payments/api list secrets in namespace "prod"');
  });

  it('does not pass over a Secret that it may not read', async () => {
    const { client } = await open({
      cluster: {
        secrets: { prod: SECRETS },
        rules: {
          [READER]: [
            { namespace: 'prod', verbs: ['list'] },
            { namespace: 'prod', verbs: ['get'], names: ['a'] },
          ],
        },
      },
    });

    const error = await failure(Promise.resolve(client.find?.({ tags: {} }, CALL)));

    expect(error.code).toBe('ACCESS_DENIED');
  });

  it('reads no more bytes than one answer may have', async () => {
    const large = { data: { x: LEAK_MARKER.repeat(100) } };
    const { client } = await open({
      cluster: { secrets: { prod: { a: large, b: large, c: large } } },
      maxResponseBytes: 2000,
    });

    const error = await failure(Promise.resolve(client.find?.({ tags: {} }, CALL)));

    expect(error).toMatchObject({ code: 'VALUE_TOO_LARGE', message: 'find would read more than 2000 bytes' });
  });

  it('ends where a list never does', async () => {
    const { client, server } = await open();
    server.interrupt({ status: 200, body: { kind: 'SecretList', metadata: { continue: 'again' }, items: [] } });

    const error = await failure(Promise.resolve(client.find?.({ tags: {} }, CALL)));

    expect(error.code).toBe('VALUE_TOO_LARGE');
    expect(server.requests.length).toBe(20);
  });
});
