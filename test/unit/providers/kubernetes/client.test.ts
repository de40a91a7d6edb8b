import { describe, expect, it } from 'vitest';
import { failure } from '../../../contract/stage.ts';
import { CALL, openKubernetes, READER } from '../../../support/open-kubernetes.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';
import { selectProperty } from '../../../../src/resolve/property.ts';

const BYTES = Uint8Array.of(0, 34, 92, 127, 128, 255);

describe('read', () => {
  it('gives bytes that are no text through the property rule as they are', async () => {
    const { connect } = await openKubernetes({
      cluster: { secrets: { prod: { db: { data: { 'key.p12': BYTES } } } } },
    });
    const client = await connect();

    const { value } = await client.read({ key: 'db' }, CALL);

    const property = selectProperty(value, 'key.p12', 'data-key', { key: 'db' });
    expect(property.expose()).toEqual(Buffer.from(BYTES));
    expect(client.toMap?.(value).get('key.p12')?.expose()).toEqual(Buffer.from(BYTES));
  });

  it('reads a Secret without data as an empty object', async () => {
    const { connect } = await openKubernetes({ cluster: { secrets: { prod: { db: {} } } } });
    const client = await connect();

    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe('{}');
  });

  it('leaves the version out of account', async () => {
    const { connect } = await openKubernetes();
    const client = await connect();

    await expect(client.read({ key: 'db', version: '3' }, CALL)).resolves.toBeDefined();
  });

  it.each(['../configmaps/x', 'a/b', 'DB', '', '.', '..', 'a..b', 'db?x=1', 'a'.repeat(254)])(
    'asks nothing for the key %j',
    async (key) => {
      const { connect, server } = await openKubernetes();
      const client = await connect();

      const error = await failure(client.read({ key }, CALL));

      expect(error.code).toBe('REF_INVALID');
      expect(server.requests).toEqual([]);
    },
  );

  it.each([
    ['another Secret', { kind: 'Secret', metadata: { name: 'other' }, data: {} }],
    ['another kind', { kind: 'ConfigMap', metadata: { name: 'db' }, data: {} }],
    ['strange data', { kind: 'Secret', metadata: { name: 'db' }, data: { password: 7 } }],
    ['data in a list', { kind: 'Secret', metadata: { name: 'db' }, data: [LEAK_MARKER] }],
    ['text', LEAK_MARKER],
  ])('takes %s for no answer of an API server', async (_, body) => {
    const { connect, server } = await openKubernetes();
    const client = await connect();
    server.interrupt({ status: 200, body });

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
  });

  it('asks a cluster behind a path of a proxy there', async () => {
    const { connect, server } = await openKubernetes({
      block: ({ url, ca }) => ({ server: { url: `${url}/k8s/clusters/c-1/`, caBundle: ca } }),
    });
    server.interrupt({ status: 502 });
    const client = await connect();

    await failure(client.read({ key: 'db' }, CALL));

    expect(server.requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/namespaces/prod/secrets/db');
  });
});

describe('validate', () => {
  it('is content with a Role for single Secrets', async () => {
    const { connect } = await openKubernetes({
      cluster: { rules: { [READER]: [{ namespace: 'prod', verbs: ['get'], names: ['db'] }] } },
    });
    const client = await connect();

    await expect(client.validate?.(CALL)).resolves.toBeUndefined();
  });

  it.each([
    ['nothing', []],
    ['another namespace', [{ namespace: 'test', verbs: ['get'] as const }]],
    ['lists alone', [{ namespace: 'prod', verbs: ['list'] as const }]],
  ])('reports who may read %s', async (_, rules) => {
    const { connect } = await openKubernetes({ cluster: { rules: { [READER]: rules } } });
    const client = await connect();

    const error = await failure(Promise.resolve(client.validate?.(CALL)));

    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.message).toContain('lets ServiceAccount payments/api read no Secret in namespace "prod"');
  });

  it.each([
    ['an incomplete list of rules', { status: 201, body: { status: { resourceRules: [], incomplete: true } } }],
    ['a refusal to tell', { status: 403, body: { kind: 'Status', message: 'User "x" cannot create' } }],
  ])('takes %s for no refusal', async (_, answer) => {
    const { connect, server } = await openKubernetes();
    const client = await connect();
    server.interrupt(answer);

    await expect(client.validate?.(CALL)).resolves.toBeUndefined();
  });

  it.each([
    ['an unknown caller', { status: 401, body: {} }, 'IDENTITY_REJECTED'],
    ['no review', { status: 201, body: { status: {} } }, 'PROVIDER_UNAVAILABLE'],
    ['a page', { status: 200, body: '<html>' }, 'PROVIDER_UNAVAILABLE'],
  ])('reports %s', async (_, answer, code) => {
    const { connect, server } = await openKubernetes();
    const client = await connect();
    server.interrupt(answer);

    await expect(client.validate?.(CALL)).rejects.toMatchObject({ code });
  });
});
