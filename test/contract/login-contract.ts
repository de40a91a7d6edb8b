import { expect, it } from 'vitest';
import { Fields } from '../../src/fields.ts';
import { CALL, failure, part, type Suite } from './stage.ts';

/** A token of the identity opens the backend, and nothing else does. */
export function itLogsIn({ setup: { provider }, stage }: Suite): void {
  it('asks for tokens of the audiences that it declared, and of no others', async () => {
    const { backend, store, connect } = await stage();

    await connect();

    expect(store.needs.audiences).not.toEqual([]);
    expect(new Set(backend.identity.audiences)).toEqual(new Set(store.needs.audiences));
  });

  it('takes only audiences that the operator listed', async () => {
    const { backend } = await stage();
    const fields = Fields.of(backend.block, 'spec.provider');

    const store = provider.configure(fields, { ...backend.limits, audiences: [] });

    expect(fields.problems.map(({ message }) => message).join()).toContain('audience');
    await expect(failure(store.connect(backend.identity, CALL))).resolves.toMatchObject({ fault: 'user' });
    expect(backend.identity.audiences).toEqual([]);
  });

  it('reports a refused identity as IDENTITY_REJECTED, by its name', async () => {
    const { backend, connect } = await stage();
    const stranger = part(backend.stranger);

    const error = await failure(connect(stranger).then((client) => client.read({ key: backend.object.key }, CALL)));

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.message).toContain(`${stranger.serviceAccount?.namespace}/${stranger.serviceAccount?.name}`);
    expect(error.hint).toBeDefined();
  });

  it('reports a refused read as ACCESS_DENIED, with what to allow', async () => {
    const { backend, read } = await stage();

    const error = await failure(read({ key: part(backend.denied) }));

    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.line).toContain(backend.denied);
    expect(error.hint).toBeDefined();
  });

  it('reports an expired session as denied, and a new login reads again', async () => {
    const { backend, connect, read } = await stage();
    const client = await connect();
    backend.expireSession?.();

    const error = await failure(client.read({ key: backend.object.key }, CALL));
    const again = await read({ key: backend.object.key });

    expect(error.fault).toBe('denied');
    expect(again.value.exposeText()).toBe(backend.object.text);
  });

  it('says when its session ends', async () => {
    const { connect } = await stage();

    const { expiresAt } = await connect();

    expect(expiresAt?.getTime()).toBeGreaterThan(Date.now());
  });
}

export function itMindsEndpoints({ setup: { provider }, stage }: Suite): void {
  it('sends no token to a host that the operator did not list', async () => {
    const { backend } = await stage();
    const fields = Fields.of(backend.block, 'spec.provider');

    const store = provider.configure(fields, { ...backend.limits, endpoints: ['elsewhere.example.com'] });

    expect(fields.problems.map(({ message }) => message).join()).toContain('identity.endpoints');
    await expect(failure(store.connect(backend.identity, CALL))).resolves.toMatchObject({ fault: 'user' });
    expect(backend.identity.audiences).toEqual([]);
  });
}
