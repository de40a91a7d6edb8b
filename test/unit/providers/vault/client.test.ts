import { describe, expect, it } from 'vitest';
import type { KvEngine } from '../../../support/loopback-kv.ts';
import { CALL, openVault } from '../../../support/open-vault.ts';

const JSON_A = '{"a":"1"}';

function versioned(secrets: Record<string, readonly (readonly [string, ('deleted' | 'destroyed')?])[]>): KvEngine {
  const entries = Object.entries(secrets).map(
    ([name, versions]) =>
      [
        name,
        { versions: versions.map(([json, state]) => (state === undefined ? { json } : { json, state })) },
      ] as const,
  );
  return { version: 2, secrets: new Map(entries) };
}

async function connect(engine: KvEngine, block: object = {}) {
  const vault = await openVault({ contents: { engines: { secret: engine } }, block });
  return { ...vault, client: await vault.connect() };
}

describe('reading', () => {
  it('encodes each part of a path as a whole', async () => {
    const name = 'odd name/100%25/q?x=1#y/ü';
    const { client, server } = await connect(versioned({ [name]: [[JSON_A]] }));

    const { value } = await client.read({ key: name }, CALL);

    expect(value.exposeText()).toBe(JSON_A);
    expect(server.requests.at(-1)?.query.size).toBe(0);
  });

  it('reads fifty secrets with one login over kept connections', async () => {
    const { client, server } = await connect(versioned({ app: [[JSON_A]] }));

    for (let n = 0; n < 50; n += 1) await client.read({ key: 'app' }, CALL);

    expect(server.logins).toBe(1);
    // A second one where a request begins before the answer before it is fully put away.
    expect(server.sockets.size).toBeLessThanOrEqual(2);
  });

  it.each([
    ['deleted', 'version 2 of "secret/data/app" was deleted at 2026-02-03T04:05:06Z'],
    ['destroyed', 'version 2 of "secret/data/app" was destroyed'],
  ] as const)('reports a %s latest version as missing, and still reads the one before', async (state, message) => {
    const { client } = await connect(versioned({ app: [[JSON_A], [JSON_A, state]] }));

    await expect(client.read({ key: 'app' }, CALL)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND', message });
    await expect(client.read({ key: 'app', version: '1' }, CALL)).resolves.toMatchObject({ version: '1' });
  });

  it('reports a 200 without data, as some proxies answer for a deleted version, as missing too', async () => {
    const { client, server } = await connect(versioned({ app: [[JSON_A]] }));
    server.interrupt({ status: 200, body: { data: { data: null, metadata: { version: 1, destroyed: false } } } });

    await expect(client.read({ key: 'app' }, CALL)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  it.each(['0', '-1', '1.5', 'v1', '', '1?x', '99999999999'])('refuses the version %j', async (version) => {
    const { client } = await connect(versioned({ app: [[JSON_A]] }));

    await expect(client.read({ key: 'app', version }, CALL)).rejects.toMatchObject({ code: 'REF_INVALID' });
  });

  it('says of an engine of version 1, where it can tell, that the store says otherwise', async () => {
    const { client } = await connect({
      version: 1,
      secrets: new Map([['data/app', { versions: [{ json: JSON_A }] }]]),
    });

    await expect(client.read({ key: 'app' }, CALL)).rejects.toMatchObject({
      code: 'STORE_INVALID',
      hint: 'Set spec.provider.vault.version: v1',
    });
  });

  it('asks nobody for a key that cannot be sent', async () => {
    const { client, server } = await connect(versioned({}));
    const before = server.requests.length;

    await expect(client.read({ key: '../sys/raw' }, CALL)).rejects.toMatchObject({ code: 'REF_INVALID' });
    expect(server.requests).toHaveLength(before);
  });
});

describe('reading KV version 1', () => {
  const engine: KvEngine = {
    version: 1,
    secrets: new Map([['app', { versions: [{ json: '{"data":"a field of that name","metadata":{"x":1}}' }] }]]),
  };

  it('takes the data as they are, whatever their fields are called, and ignores a version', async () => {
    const { client } = await connect(engine, { version: 'v1' });

    const { value, version } = await client.read({ key: 'app', version: 'any' }, CALL);

    expect(value.exposeText()).toBe('{"data":"a field of that name","metadata":{"x":1}}');
    expect(version).toBeUndefined();
  });

  it('has no metadata to read', async () => {
    const { client } = await connect(engine, { version: 'v1' });

    await expect(client.read({ key: 'app', metadata: true }, CALL)).rejects.toMatchObject({ code: 'REF_INVALID' });
  });

  it('says of an engine of version 2 that the store says otherwise', async () => {
    const { client } = await connect(versioned({ app: [[JSON_A]] }), { version: 'v1' });

    await expect(client.read({ key: 'app' }, CALL)).rejects.toMatchObject({
      hint: 'Set spec.provider.vault.version: v2',
    });
  });
});

describe('reading metadata', () => {
  it("lets people's own win over the system's, all as text", async () => {
    const metadata = { created_time: 'mine', team: 'payments' };
    const { client } = await connect({
      version: 2,
      secrets: new Map([['app', { versions: [{ json: JSON_A }], metadata }]]),
    });

    const { value } = await client.read({ key: 'app', metadata: true }, CALL);

    expect(value.exposeText()).toBe(
      '{"created_time":"mine","current_version":"1","delete_version_after":"0s","team":"payments"}',
    );
  });

  it('reports those of a missing secret as missing', async () => {
    const { client } = await connect(versioned({}));

    await expect(client.read({ key: 'app', metadata: true }, CALL)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });
});
