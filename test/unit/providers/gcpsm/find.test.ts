import { describe, expect, it } from 'vitest';
import type { FindQuery } from '../../../../src/providers/provider.ts';
import { failure } from '../../../contract/stage.ts';
import type { GoogleSecret } from '../../../support/loopback-gcp-secrets.ts';
import { CALL, memberNamed, openGcp } from '../../../support/open-gcp.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const VERSIONS = [{ data: LEAK_MARKER }];
const SECRETS: Readonly<Record<string, GoogleSecret>> = {
  'prod-db': { versions: VERSIONS, labels: { env: 'prod', team: 'payments' } },
  'prod-cache': { versions: VERSIONS, labels: { env: 'prod', team: 'platform' } },
  'old-prod-db': { versions: VERSIONS, labels: { env: 'prod' } },
  'prod-empty': { versions: [] },
  'prod-gone': { versions: [{ data: '', state: 'DISABLED' }] },
  'europe-west3/prod-db': { versions: VERSIONS },
};
const LISTER = { member: memberNamed('api'), permissions: ['secretmanager.secrets.list'] } as const;

async function open(secrets = SECRETS, block = {}) {
  const grants = ['', 'europe-west3/'].map((secret) => ({ ...LISTER, secret }));
  const { server, connect } = await openGcp({ secrets, grants, block });
  const client = await connect();
  return { server, find: async (query: FindQuery) => (await client.find?.(query, CALL)) ?? [] };
}

describe('findSecrets', () => {
  it.each<[FindQuery, string[]]>([
    [{ name: { regexp: '.' } }, ['old-prod-db', 'prod-cache', 'prod-db']],
    [{ name: { regexp: '^prod-(db|gone)$' } }, ['prod-db']],
    [{ name: { regexp: 'acme|secrets' } }, []],
    [{ path: 'prod-', name: { regexp: 'db' } }, ['prod-db']],
    [{ tags: { env: 'prod' } }, ['old-prod-db', 'prod-cache', 'prod-db']],
    [{ tags: { env: 'prod', team: 'payments' } }, ['prod-db']],
    [{ path: 'prod', tags: { env: 'prod' } }, ['prod-cache', 'prod-db']],
    [{ tags: { env: 'prod', team: 'nobody' }, name: { regexp: 'cache' } }, ['prod-cache']],
  ])('finds for %j %j', async (query, keys) => {
    const { find } = await open();

    const found = await find(query);

    expect(found.map(({ key }) => key).sort()).toEqual(keys);
    expect(found.every(({ value }) => value.exposeText() === LEAK_MARKER)).toBe(true);
  });

  it('finds in the location of the store alone', async () => {
    const { find } = await open(SECRETS, { location: 'europe-west3' });

    const found = await find({ name: { regexp: '.' } });

    expect(found.map(({ key }) => key)).toEqual(['prod-db']);
  });

  it('follows pages', async () => {
    const many = Object.fromEntries(Array.from({ length: 1005 }, (_, index) => [`s${index}`, { versions: [] }]));
    const { server, find } = await open({ ...many, 'wanted-last': { versions: VERSIONS } });

    const found = await find({ name: { regexp: 'wanted' } });

    expect(found.map(({ key }) => key)).toEqual(['wanted-last']);
    expect(server.calls.read).toBe(2);
  });

  it('reads no more than a thousand', async () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`s${index}`, { versions: VERSIONS }]));
    const { server, find } = await open(many);

    const error = await failure(find({ name: { regexp: '.' } }));

    expect(error.code).toBe('VALUE_TOO_LARGE');
    expect(server.calls.access).toBe(0);
  });

  it.each<[FindQuery, string]>([
    [{}, 'find names neither a name nor tags'],
    [{ tags: {} }, 'find names neither a name nor tags'],
    [{ path: 'a/b', name: { regexp: '.' } }, 'find.path "a/b" begins no name of a secret'],
    [{ path: 'x OR name:y', name: { regexp: '.' } }, 'begins no name of a secret'],
    [{ tags: { env: 'prod OR name:y' } }, 'find.tags are no labels of Google'],
    [{ tags: { 'Env x': 'prod' } }, 'find.tags are no labels of Google'],
  ])('refuses %j', async (query, says) => {
    const { find } = await open();

    const error = await failure(find(query));

    expect(error.code).toBe('REF_INVALID');
    expect(error.message).toContain(says);
  });

  it('says which permission it lacks', async () => {
    const { connect } = await openGcp({ secrets: SECRETS });
    const client = await connect();

    const error = await failure(Promise.resolve(client.find?.({ name: { regexp: '.' } }, CALL)));

    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.line).toContain('Grant secretmanager.secrets.list: gcloud projects add-iam-policy-binding acme');
  });
});
