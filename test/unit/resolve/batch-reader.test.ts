import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { aReference } from '../../support/a-store.ts';
import { settle } from '../../support/fake-clock.ts';
import { resolveScene, TTL_MS } from '../../support/resolve-scene.ts';

const DENIED = new LatchkeyError('ACCESS_DENIED', 'no');
const SECRETS = { a: '1', b: '2', c: '3', d: '4', e: '5' };
const LONG_AFTER_MS = 2 * TTL_MS;

describe('batches', () => {
  it('hold as many as the provider takes', async () => {
    const { read, provider } = resolveScene(SECRETS);
    provider.batchMax = 2;

    expect(await read(['a', 'b', 'c', 'd', 'e'])).toEqual(['1', '2', '3', '4', '5']);
    expect(provider.batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('leave out what the provider does not accept, and are not made for one', async () => {
    const { read, provider } = resolveScene(SECRETS);
    provider.batchMax = 20;

    await read(['a', 'b', aReference('c', { version: '1' })]);
    await read(['d']);

    expect(provider.batches).toEqual([['a', 'b']]);
    expect(provider.reads).toEqual(['c', 'd']);
  });

  it('give each its own outcome', async () => {
    const { read, provider } = resolveScene({ a: '1', c: DENIED });
    provider.batchMax = 20;

    expect(await read(['a', 'b', 'c'])).toEqual(['1', 'SECRET_NOT_FOUND', 'ACCESS_DENIED']);
    expect(provider.calls()).toBe(2);
  });

  it('are given up for ten minutes where the identity may not make them', async () => {
    const { read, provider, clock } = resolveScene(SECRETS);
    provider.batchMax = 20;
    provider.batchError = DENIED;

    const texts = await read(['a', 'b']);
    await clock.advance(LONG_AFTER_MS);
    await read(['a', 'b']);
    const before = provider.batches.length;
    await clock.advance(10 * 60_000);
    await read(['a', 'b']);

    expect(texts).toEqual(['1', '2']);
    expect([before, provider.batches.length]).toEqual([1, 2]);
    expect(provider.reads).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('are tried again after a mistake in one of them', async () => {
    const { read, provider } = resolveScene(SECRETS);
    provider.batchMax = 20;
    provider.batchError = new LatchkeyError('REF_INVALID', 'a name is wrong');

    const texts = await read(['a', 'b']);
    await read(['c', 'd']);

    expect(texts).toEqual(['1', '2']);
    expect(provider.batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('fail as a whole in an outage, without a call for each', async () => {
    const { read, provider } = resolveScene(SECRETS);
    provider.batchMax = 20;
    provider.batchError = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');

    expect(await read(['a', 'b'])).toEqual(['PROVIDER_UNAVAILABLE', 'PROVIDER_UNAVAILABLE']);
    expect(provider.reads).toEqual([]);
  });
});

describe('a rejection', () => {
  it('logs in once more where the client was cached: rights may have been granted since', async () => {
    const { read, provider, resolver } = resolveScene(SECRETS);
    await read(['a']);
    provider.secrets.set('b', () => (provider.logins.length > 1 ? '2' : DENIED));

    const texts = await read(['b']);
    await settle();
    await resolver.close();

    expect(texts).toEqual(['2']);
    expect(provider.logins).toHaveLength(2);
    expect(provider.closed).toBe(2);
  });

  it('counts at once where the client was fresh', async () => {
    const { read, provider } = resolveScene({ a: DENIED });

    expect(await read(['a'])).toEqual(['ACCESS_DENIED']);
    expect(provider.calls()).toBe(2);
  });

  it('inside a batch of a cached client is read alone once', async () => {
    const { read, provider } = resolveScene({ ...SECRETS, b: DENIED });
    provider.batchMax = 20;
    await read(['a']);

    expect(await read(['b', 'c'])).toEqual(['ACCESS_DENIED', '3']);
    expect(provider.logins).toHaveLength(2);
    expect(provider.reads).toEqual(['a', 'b', 'b']);
  });

  it('stands where logging in again fails in an outage', async () => {
    const { read, provider, clock } = resolveScene(SECRETS);
    await read(['a']);
    provider.secrets.set('a', DENIED);
    provider.loginError = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');
    await clock.advance(LONG_AFTER_MS);

    expect(await read(['a'])).toEqual(['ACCESS_DENIED']);
  });
});
