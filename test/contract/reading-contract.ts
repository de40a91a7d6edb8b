import { expect, it } from 'vitest';
import type { Fetched, Outcome } from '../../src/providers/provider.ts';
import { LEAK_MARKER } from '../support/test-identity.ts';
import { CALL, failure, part, type Suite } from './stage.ts';

export function itReadsVersions({ stage }: Suite): void {
  it('reads a named version', async () => {
    const { backend, read } = await stage();
    const { key, version, text } = part(backend.older);

    const fetched = await read({ key, version });

    expect(fetched.value.exposeText()).toBe(text);
    expect(fetched.version).toBe(version);
  });

  it('reports a missing version as SECRET_NOT_FOUND', async () => {
    const { backend, read } = await stage();
    const { key } = part(backend.older);

    const error = await failure(read({ key, version: '999' }));

    expect(error.code).toBe('SECRET_NOT_FOUND');
  });
}

export function itReadsMetadata({ stage }: Suite): void {
  it('reads the metadata instead of the value', async () => {
    const { backend, read } = await stage();
    const { key, text } = part(backend.metadata);

    const fetched = await read({ key, metadata: true });

    expect(fetched.value.exposeText()).toBe(text);
  });
}

export function itReadsBytes({ stage }: Suite): void {
  it('reads bytes as they are', async () => {
    const { backend, read } = await stage();
    const { key, bytes } = part(backend.binary);

    const fetched = await read({ key });

    expect(Buffer.from(fetched.value.expose())).toEqual(Buffer.from(bytes));
  });
}

export function itFinds({ stage }: Suite): void {
  it('finds secrets by query, with their values', async () => {
    const { backend, connect } = await stage();
    const { query, keys } = part(backend.find);
    const client = await connect();

    const found = (await client.find?.(query, CALL)) ?? [];

    expect(found.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(found.every(({ value }) => value.exposeText().includes(LEAK_MARKER))).toBe(true);
  });

  it('refuses a name that is no RE2 regular expression', async () => {
    const { connect } = await stage();
    const client = await connect();

    const error = await failure(Promise.resolve(client.find?.({ path: '', name: { regexp: '(' } }, CALL)));

    expect(error.code).toBe('REF_INVALID');
  });
}

export function itReadsBatches({ stage }: Suite): void {
  it('reads a batch in order, each item with an outcome of its own', async () => {
    const { backend, connect } = await stage();
    const { batch } = await connect();
    const refs = [{ key: backend.missing }, { key: backend.object.key }];

    const outcomes = await batch?.read(refs, CALL);

    expect(outcomes?.map(summary)).toEqual(['SECRET_NOT_FOUND', backend.object.text]);
  });

  it('reports a refused batch as ACCESS_DENIED, and still reads one by one', async () => {
    const { backend, connect } = await stage();
    const client = await connect();
    backend.refuseBatch?.();

    const error = await failure(Promise.resolve(client.batch?.read([{ key: backend.object.key }], CALL)));
    const single = await client.read({ key: backend.object.key }, CALL);

    expect(error.code).toBe('ACCESS_DENIED');
    expect(single.value.exposeText()).toBe(backend.object.text);
  });
}

function summary(outcome: Outcome<Fetched>): string {
  return outcome.ok ? outcome.value.value.exposeText() : outcome.error.code;
}
