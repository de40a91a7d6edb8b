import { describe, expect, it, onTestFinished } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import type { RemoteRef, SecretsClient } from '../../../../src/providers/provider.ts';
import { createWebhook } from '../../../../src/providers/webhook/index.ts';
import { CALL, failure } from '../../../contract/stage.ts';
import { type KeeperContents, startLoopbackKeeper } from '../../../support/loopback-keeper.ts';
import { type ProviderAnswer, startProviderServer } from '../../../support/provider-server.ts';
import { LEAK_MARKER, testIdentity } from '../../../support/test-identity.ts';

const CREDENTIALS = { 'Secret/keeper/user': 'latchkey', 'Secret/keeper/password': `${LEAK_MARKER}\n` };
const AUTH = {
  headers: { Authorization: 'Basic {{ print .auth.user ":" .auth.password | trim | b64enc }}' },
  secrets: [{ name: 'auth', secretRef: { name: 'keeper' } }],
};

async function connect(url: string, block: object, endpoints: readonly string[] = ['127.0.0.1', 'localhost']) {
  const fields = Fields.of({ url, ...block }, 'spec.provider.webhook');
  const limits = { audiences: [], endpoints, maxResponseBytes: 1024 };
  const store = createWebhook({ now: () => 0 }).configure(fields, limits);
  expect(fields.problems).toEqual([]);
  const client = await store.connect(testIdentity({ credentials: CREDENTIALS }), CALL);
  onTestFinished(async () => client.close?.());
  return client;
}

/** A service that gives one answer to everything, with a store on it. */
async function openAnswering(answer: Partial<ProviderAnswer>, block: object = {}, path = '/{{ .remoteRef.key }}') {
  const server = await startProviderServer(() => ({ status: 200, ...answer }));
  onTestFinished(() => server.close());
  const client = await connect(server.url + path, block);
  return { server, client, read: (ref: Partial<RemoteRef> = {}) => readText(client, { key: 'db', ...ref }) };
}

async function openKeeper(contents: Partial<KeeperContents>, block: object = AUTH) {
  const server = await startLoopbackKeeper({ secrets: {}, user: `latchkey:${LEAK_MARKER}`, ...contents });
  onTestFinished(() => server.close());
  return connect(`${server.url}/v1/secrets/{{ .remoteRef.key }}`, { result: { jsonPath: '$.data' }, ...block });
}

async function readText(client: SecretsClient, ref: RemoteRef): Promise<string> {
  return (await client.read(ref, CALL)).value.exposeText();
}

describe('a request', () => {
  it('is made of the templates', async () => {
    const { server, read } = await openAnswering(
      {},
      {
        method: 'POST',
        headers: { 'X-Key': '{{ .remoteRef.key }}', 'Content-Type': 'application/json', 'X-User': '{{ .auth.user }}' },
        body: '{"property":{{ .remoteRef.property | toJson }},"version":"{{ .remoteRef.version }}"}',
        secrets: AUTH.secrets,
      },
      '/v1/{{ .remoteRef.key }}?p={{ .remoteRef.property }}',
    );

    await read({ key: 'prod/a b', property: 'x"y' });

    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/prod/a+b',
        headers: { 'x-key': 'prod/a b', 'content-type': 'application/json', 'x-user': 'latchkey' },
        body: Buffer.from('{"property":"x\\"y","version":""}'),
      },
    ]);
    expect(server.requests[0]?.query.get('p')).toBe('x"y');
  });

  it.each(['..', '.', '../../admin', '%2e%2E', 'a\u0000b', '?x#y', '@evil.example.com/'])(
    'never leaves the path that the store wrote for the key %j',
    async (key) => {
      const { server, client } = await openAnswering({ body: 'x' }, {}, '/v1/{{ .remoteRef.key }}/value');

      await client.read({ key }, CALL).catch(() => undefined);

      expect(server.requests.every(({ path }) => path === `/v1/${key}/value`)).toBe(true);
      expect(server.requests.every(({ query }) => query.size === 0)).toBe(true);
    },
  );

  it.each(['..', '.'])('is not sent for a key that would climb: %s', async (key) => {
    const { server, client } = await openAnswering({}, {}, '/v1/{{ .remoteRef.key }}/value');

    const error = await failure(client.read({ key }, CALL));

    expect(error.code).toBe('REF_INVALID');
    expect(server.requests).toEqual([]);
  });

  it.each(['a\r\nX-Admin: yes', 'ü'])('is not sent with the key %j in a header', async (key) => {
    const { server, client } = await openAnswering({}, { headers: { 'X-Key': '{{ .remoteRef.key }}' } }, '/');

    const error = await failure(client.read({ key }, CALL));

    expect(error.code).toBe('REF_INVALID');
    expect(server.requests).toEqual([]);
  });

  it('is not sent for metadata', async () => {
    const { server, client } = await openAnswering({});

    expect((await failure(client.read({ key: 'db', metadata: true }, CALL))).code).toBe('REF_INVALID');
    expect(server.requests).toEqual([]);
  });

  it("ends with the store's own timeout", async () => {
    const { server, client } = await openAnswering({}, { timeout: '1ms' });
    void server.stall();

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('PROVIDER_TIMEOUT');
  });

  it('is not sent to a name that leads to this host', async () => {
    const server = await startProviderServer(() => ({ status: 200, body: 'metadata' }));
    onTestFinished(() => server.close());
    const url = server.url.replace('127.0.0.1', 'localhost');
    const [guarded, listed] = [await connect(url, {}, []), await connect(url, {}, ['localhost'])];

    const error = await failure(guarded.read({ key: 'db' }, CALL));
    const text = await readText(listed, { key: 'db' });

    expect(error.code).toBe('ENDPOINT_NOT_ALLOWED');
    expect(text).toBe('metadata');
    expect(server.requests.length).toBe(1);
  });
});

describe('a value', () => {
  it('is the whole answer, byte by byte', async () => {
    const bytes = Uint8Array.of(0, 128, 255);
    const { client } = await openAnswering({ body: bytes });

    const { value } = await client.read({ key: 'db' }, CALL);

    expect(Buffer.from(value.expose())).toEqual(Buffer.from(bytes));
  });

  it.each([
    ['$', '"text"', 'text'],
    ['$.a', '{"a":"ü<&>"}', 'ü<&>'],
    ['$.a', '{"a":12345678901234567890}', '12345678901234567890'],
    ['$.a', '{"a":1.50}', '1.5'],
    ['$.a', '{"a":1e3}', '1000'],
    ['$.a', '{"a":true}', 'true'],
    ['$.a', '{"a":null}', ''],
    ['$.a', '{"a":["x","y"]}', 'x'],
    ['$.a', '{"a":[{"b":1}]}', '{"b":1}'],
    ['$.a', '{"a":{"z":1,"b":"<"}}', '{"b":"\\u003c","z":1}'],
    ["$['a'][1]", '{"a":["x","y"]}', 'y'],
  ])('at %s of %s is %s', async (jsonPath, body, expected) => {
    const { read } = await openAnswering({ body }, { result: { jsonPath } });

    expect(await read()).toBe(expected);
  });

  it('may lie where the property says', async () => {
    const { read } = await openAnswering(
      { body: '{"data":{"user":"u","password":"p"}}' },
      { result: { jsonPath: '$.data.{{ .remoteRef.property }}' } },
    );

    expect(await read({ property: 'password' })).toBe('p');
    await expect(read({ property: '*' })).rejects.toMatchObject({ code: 'REF_INVALID' });
  });

  it.each([
    ['nothing', '{"error":"no"}'],
    ['an empty list', '{"a":[]}'],
  ])('that is %s is a mistake of the store, and no absence', async (_, body) => {
    const { read } = await openAnswering({ body }, { result: { jsonPath: '$.a' } });

    await expect(read()).rejects.toMatchObject({
      code: 'STORE_INVALID',
      message: expect.stringMatching(/^the answer of the service at 127\.0\.0\.1:\d+ holds no value at \$\.a$/),
    });
  });

  it('shows nothing of a Secret that stands in its path', async () => {
    const { client } = await openAnswering(
      { body: '{}' },
      { secrets: AUTH.secrets, result: { jsonPath: '$["{{ .auth.password | trim }}"]' } },
    );

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.message).toContain('holds no value at $["…"]');
  });

  it('is in JSON where the store says so', async () => {
    const { read } = await openAnswering({ body: LEAK_MARKER }, { result: { jsonPath: '$.a' } });

    await expect(read()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});

describe('a refusal', () => {
  it.each([
    [401, 'IDENTITY_REJECTED'],
    [403, 'ACCESS_DENIED'],
    [404, 'SECRET_NOT_FOUND'],
    [429, 'PROVIDER_THROTTLED'],
    ...[301, 302, 304, 307, 308, 400, 410, 418, 500, 502, 503].map(
      (status) => [status, 'PROVIDER_UNAVAILABLE'] as const,
    ),
  ] as const)('with status %i is %s', async (status, code) => {
    const { client } = await openAnswering({ status, body: LEAK_MARKER });

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe(code);
  });

  it.each([200, 404, 500])('is never read out of a web page with status %i', async (status) => {
    const { client } = await openAnswering({ status, body: `\n<!DOCTYPE html>\n<p>${LEAK_MARKER}` });

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.message).toMatch(new RegExp(`answered ${status} with a web page$`));
    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
  });

  it('names who asked for what', async () => {
    const client = await openKeeper({ secrets: { db: ['"x"'] }, locked: ['secret'] });
    const stranger = await openKeeper({}, { headers: {} });

    const lines = [
      (await failure(client.read({ key: 'secret' }, CALL))).line,
      (await failure(client.read({ key: 'gone' }, CALL))).line,
      (await failure(stranger.read({ key: 'db' }, CALL))).line,
    ].map((line) => line.replace(/:\d+/, ''));

    expect(await readText(client, { key: 'db' })).toBe('x');
    expect(lines).toEqual([
      'the service at 127.0.0.1 does not let the credentials in Secret keeper read "secret". Allow it there to read "secret", or present other credentials. [ACCESS_DENIED]',
      'the service at 127.0.0.1 has no "gone". Create it, or correct the key or spec.provider.webhook.url. [SECRET_NOT_FOUND]',
      'the service at 127.0.0.1 does not accept a caller without credentials. Check spec.provider.webhook.headers, and the Secrets in secrets that they use. [IDENTITY_REJECTED]',
    ]);
  });
});

describe('a client', () => {
  it('ends after a quarter of an hour, so that rotated credentials are seen', async () => {
    const { client } = await openAnswering({});

    expect(client.expiresAt).toEqual(new Date(15 * 60_000));
  });

  it('is not made without the credentials of its store', async () => {
    await expect(
      connect('http://127.0.0.1/', {
        headers: { A: '{{ .x.y }}' },
        secrets: [{ name: 'x', secretRef: { name: 'gone' } }],
      }),
    ).rejects.toMatchObject({ code: 'STORE_CREDENTIAL_UNREADABLE' });
  });
});
