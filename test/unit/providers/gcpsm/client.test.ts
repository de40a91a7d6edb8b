import { describe, expect, it } from 'vitest';
import { failure } from '../../../contract/stage.ts';
import { type GoogleSecret, READ } from '../../../support/loopback-gcp-secrets.ts';
import { CALL, memberNamed, openGcp } from '../../../support/open-gcp.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const VALUE = { data: LEAK_MARKER };
const ROTATED: GoogleSecret = {
  versions: [
    { data: `first-${LEAK_MARKER}` },
    { data: `second-${LEAK_MARKER}` },
    { ...VALUE, state: 'DISABLED' },
    { ...VALUE, state: 'DESTROYED' },
  ],
  aliases: { stable: 1 },
};

describe('the client of Secret Manager', () => {
  it('keeps identities apart that read at the same time', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `worker-${index}`);
    const { connect } = await openGcp({
      secrets: Object.fromEntries(names.map((name) => [name, { versions: [{ data: `${name}-${LEAK_MARKER}` }] }])),
      grants: names.map((name) => ({ member: memberNamed(name), secret: name, permissions: READ })),
    });
    const clients = await Promise.all(names.map((name) => connect({ name })));

    const reads = clients.flatMap((client) =>
      names.map((key) =>
        client.read({ key }, CALL).then(
          ({ value }) => value.exposeText(),
          () => 'denied',
        ),
      ),
    );

    const expected = names.flatMap((own) => names.map((key) => (key === own ? `${key}-${LEAK_MARKER}` : 'denied')));
    await expect(Promise.all(reads)).resolves.toEqual(expected);
  });

  it.each([
    ['1', '1'],
    ['2', '2'],
    ['stable', '1'],
  ])('reads version %s', async (version, number) => {
    const { connect } = await openGcp({ secrets: { db: ROTATED } });
    const client = await connect();

    await expect(client.read({ key: 'db', version }, CALL)).resolves.toMatchObject({ version: number });
  });

  it.each([
    ['3', 'version 3 of "db" is disabled.'],
    ['4', 'version 4 of "db" is destroyed.'],
    [undefined, 'version 4 of "db" is destroyed.'],
    ['5', 'version 5 of "db" does not exist in project "acme".'],
    ['unstable', 'version unstable of "db" does not exist in project "acme".'],
  ])('explains why version %s has no value', async (version, says) => {
    const { connect } = await openGcp({ secrets: { db: ROTATED } });
    const client = await connect();

    const error = await failure(client.read({ key: 'db', ...(version !== undefined && { version }) }, CALL));

    expect(error.code).toBe('SECRET_NOT_FOUND');
    expect(error.line).toContain(says);
  });

  it('reads the newest enabled version where the store says so', async () => {
    const { connect } = await openGcp({
      secrets: { db: ROTATED },
      grants: [{ member: memberNamed('api'), secret: 'db', permissions: ['secretmanager.versions.list'] }],
      block: { secretVersionSelectionPolicy: 'LatestOrFetch' },
    });
    const client = await connect();

    const { value, version } = await client.read({ key: 'db' }, CALL);
    const named = await failure(client.read({ key: 'db', version: '4' }, CALL));

    expect([value.exposeText(), version]).toEqual([`second-${LEAK_MARKER}`, '2']);
    expect(named.code).toBe('SECRET_NOT_FOUND');
  });

  it('says which permission it lacks to look for an enabled version', async () => {
    const { connect } = await openGcp({
      secrets: { db: ROTATED },
      block: { secretVersionSelectionPolicy: 'LatestOrFetch' },
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.line).toContain('secretmanager.versions.list');
  });

  it.each([
    ['none is enabled', { versions: [{ ...VALUE, state: 'DISABLED' as const }] }, 'version 1 of "db" is disabled'],
    ['there is no version', { versions: [] }, '"db" does not exist, or has no version, in project "acme"'],
  ])('finds no enabled version where %s', async (_what, db, says) => {
    const { connect } = await openGcp({
      secrets: { db },
      grants: [{ member: memberNamed('api'), secret: 'db', permissions: ['secretmanager.versions.list'] }],
      block: { secretVersionSelectionPolicy: 'LatestOrFetch' },
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.message).toBe(says);
  });

  it('reads regional secrets where the store names a location', async () => {
    const { server, connect } = await openGcp({
      secrets: { 'europe-west3/db': { versions: [VALUE] }, db: { versions: [{ data: 'global' }] } },
      block: { location: 'europe-west3' },
    });
    const client = await connect();

    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(server.requests.at(-1)?.path).toBe(
      '/secretmanager/v1/projects/acme/locations/europe-west3/secrets/db/versions/latest:access',
    );
  });

  it('takes no value whose checksum is another', async () => {
    const { connect } = await openGcp({ secrets: { db: { versions: [{ ...VALUE, checksum: 7 }] } } });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toContain('"db" arrived with another checksum');
  });

  it('asks once, also where Google fails: retries are the resolver’s', async () => {
    const { server, connect } = await openGcp();
    const client = await connect();
    const before = server.requests.length;
    server.interrupt({ status: 503, body: { error: { code: 503, status: 'UNAVAILABLE' } } });

    await failure(client.read({ key: 'db' }, CALL));

    expect(server.requests.length - before).toBe(1);
  });

  it('asks nothing for what is no name', async () => {
    const { server, connect } = await openGcp();
    const client = await connect();
    const before = server.requests.length;

    const error = await failure(client.read({ key: 'projects/other/secrets/db' }, CALL));

    expect(error.code).toBe('REF_INVALID');
    expect(server.requests.length).toBe(before);
  });

  it('says how to enable the API', async () => {
    const { connect } = await openGcp({ isDisabled: true });
    const client = await connect();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.line).toBe(
      'secretmanager.googleapis.com is not enabled for project "acme". Enable it: gcloud services enable ' +
        'secretmanager.googleapis.com --project=acme. [ACCESS_DENIED]',
    );
  });

  it.each([
    ['no payload', { name: 'projects/42/secrets/db/versions/1' }],
    ['no name', { payload: { data: '' } }],
    ['another form', ['x']],
  ])('takes an answer with %s for no value', async (_what, body) => {
    const { server, connect } = await openGcp();
    const client = await connect();
    server.interrupt({ status: 200, body });

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
  });

  it('keeps Google’s libraries from printing values', async () => {
    process.env['GOOGLE_SDK_NODE_LOGGING'] = 'all';
    const { connect } = await openGcp({ secrets: { db: { versions: [VALUE] } } });

    await (await connect()).read({ key: 'db' }, CALL);

    expect(process.env['GOOGLE_SDK_NODE_LOGGING']).toBeUndefined();
  });
});
