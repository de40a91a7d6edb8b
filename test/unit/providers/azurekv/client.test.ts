import { describe, expect, it } from 'vitest';
import { CALL, openAzure, version } from '../../../support/open-azure.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const JWK = { kty: 'RSA', key_ops: ['sign', 'verify'], n: 'bW9kdWx1cw', e: 'AQAB' };

describe('read', () => {
  it('logs in once and asks once for each secret, and never to be told whom the vault trusts', async () => {
    const { server, connect } = await openAzure();

    const client = await connect();
    await Promise.all([client.read({ key: 'db' }, CALL), client.read({ key: 'secret/db' }, CALL)]);
    await client.read({ key: 'db' }, CALL);

    expect(server.calls).toEqual({ login: 1, get: 3, list: 0 });
    expect(server.logins).toEqual([
      {
        clientId: '7f3c1c9e-8f5e-4b0a-9d0e-2d7f0c9a1b11',
        by: 'federation',
        subject: 'system:serviceaccount:payments:api',
        audience: 'api://AzureADTokenExchange',
      },
    ]);
  });

  it('reads a key as its public JWK, of a version too', async () => {
    const versions = [version(1, { ...JWK, n: 'b2xk' }), version(2, { ...JWK, hsm: 'unknown' })];
    const { server, connect } = await openAzure({ vault: { objects: { keys: { signing: { versions } } } } });
    const client = await connect();

    const newest = await client.read({ key: 'key/signing' }, CALL);
    const older = await client.read({ key: 'key/signing', version: version(1).id }, CALL);

    const kid = `${server.url}/keys/signing/${version(2).id}`;
    expect(newest.value.exposeText()).toBe(
      `{"kid":"${kid}","kty":"RSA","key_ops":["sign","verify"],"n":"bW9kdWx1cw","e":"AQAB"}`,
    );
    expect([newest.version, older.version]).toEqual([version(2).id, version(1).id]);
    expect(older.value.exposeText()).toContain('"n":"b2xk"');
  });

  it('reads a certificate as its DER bytes', async () => {
    const cer = Buffer.from([0x30, 0x82, 0, 0xff]);
    const certificates = { api: { versions: [version(1, cer.toString('base64'))] } };
    const { connect } = await openAzure({ vault: { objects: { certificates } } });

    const { value } = await (await connect()).read({ key: 'cert/api' }, CALL);

    expect(Buffer.from(value.expose())).toEqual(cer);
  });

  it('reads the tags of each kind of object, sorted, as Go writes them', async () => {
    const tags = { team: 'payments', Zone: '1', 'a b': '<&>', 10: 'ten', 9: 'nine' };
    const objects = {
      secrets: { db: { versions: [version(1)], tags }, bare: { versions: [version(1)] } },
      keys: { signing: { versions: [version(1, JWK)], tags: { use: 'jwt' } } },
      certificates: { api: { versions: [version(1, 'AA==')], tags: { use: 'tls' } } },
    };
    const { connect } = await openAzure({ vault: { objects } });
    const client = await connect();

    const keys = ['db', 'bare', 'key/signing', 'cert/api'];
    const read = await Promise.all(keys.map((key) => client.read({ key, metadata: true }, CALL)));

    expect(read.map(({ value }) => value.exposeText())).toEqual([
      '{"10":"ten","9":"nine","Zone":"1","a b":"\\u003c\\u0026\\u003e","team":"payments"}',
      '{}',
      '{"use":"jwt"}',
      '{"use":"tls"}',
    ]);
  });

  it.each(['key/signing', 'cert/signing'])(
    'reports %s as missing by its kind, though a secret has that name',
    async (key) => {
      const { connect } = await openAzure({ vault: { objects: { secrets: { signing: { versions: [version(1)] } } } } });
      const client = await connect();

      await expect(client.read({ key }, CALL)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    },
  );

  it('keeps a value byte for byte', async () => {
    const text = `\u{feff}{"a" : 1e400, "html":"<&>"}\n${LEAK_MARKER}\u0000ü`;
    const { connect } = await openAzure({ vault: { objects: { secrets: { db: { versions: [version(1, text)] } } } } });

    const { value } = await (await connect()).read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe(text);
  });

  it.each([
    ['no value', { id: 'https://v/secrets/db/1' }],
    ['a value that is no text', { value: 7, id: 'https://v/secrets/db/1' }],
    ['no identifier', { value: LEAK_MARKER }],
  ])('takes no answer with %s for a secret', async (_, body) => {
    const { server, connect } = await openAzure();
    const client = await connect();
    server.interrupt({ status: 200, body });

    await expect(client.read({ key: 'db' }, CALL)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});
