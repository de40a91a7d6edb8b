import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import {
  createValueCache,
  type RemoteSecret,
  type ValueCache,
  type ValueCacheOptions,
} from '../../../src/resolve/value-cache.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { createFakeClock, type FakeClock, settle } from '../../support/fake-clock.ts';

const TTL_MS = 60_000;
const DOWN = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');
const NEVER = new AbortController().signal;

interface Scene {
  readonly cache: ValueCache;
  readonly clock: FakeClock;
  readonly seen: string[];
  readonly loads: string[];
  /** The text served, or the code thrown; `load` answers that text or error if it is asked. */
  readonly get: (answer: string | LatchkeyError, key?: string, latencyMs?: number, expiresAt?: Date) => Promise<string>;
}

function startScene(options: Partial<ValueCacheOptions> = {}): Scene {
  const clock = createFakeClock();
  const seen: string[] = [];
  const loads: string[] = [];
  const cache = createValueCache({
    ttlMs: TTL_MS,
    staleIfErrorMs: 600_000,
    maxBytes: 1024 * 1024,
    clock,
    observer: { providerCall() {}, cache: (result) => void seen.push(result) },
    ...options,
  });
  return { cache, clock, seen, loads, get };

  async function get(answer: string | LatchkeyError, key = 'key', latencyMs = 0, expiresAt?: Date): Promise<string> {
    try {
      return (await cache.get(key, load)).value.exposeText();
    } catch (error) {
      return LatchkeyError.from(error).code;
    }

    async function load(): Promise<RemoteSecret> {
      loads.push(key);
      if (latencyMs > 0) await clock.sleep(latencyMs, NEVER);
      if (typeof answer !== 'string') throw answer;
      return { value: SecretValue.fromText(answer), ...(expiresAt !== undefined && { expiresAt }) };
    }
  }
}

describe('createValueCache', () => {
  it('serves a value for its TTL', async () => {
    const { get, clock, seen } = startScene();
    await get('old');

    await clock.advance(TTL_MS - 1);

    expect(await get('new')).toBe('old');
    expect(seen).toEqual(['miss', 'hit']);
  });

  it('serves it a little longer while it is refreshed behind the answer', async () => {
    const { get, clock, seen } = startScene();
    await get('old');
    await clock.advance(TTL_MS);

    const during = await get('new');
    await settle();
    const afterwards = await get('newer');

    expect([during, afterwards]).toEqual(['old', 'new']);
    expect(seen).toEqual(['miss', 'stale', 'hit']);
  });

  it('serves nothing older than that where the provider works', async () => {
    const { get, clock } = startScene();
    await get('old');

    await clock.advance(TTL_MS * 1.25);

    expect(await get('new')).toBe('new');
  });

  it('counts the age from the start of a slow read', async () => {
    const { get, clock, loads } = startScene();
    const reading = get('old', 'key', TTL_MS);
    await clock.advance(TTL_MS * 1.25);
    await reading;

    const later = await get('new');

    expect(later).toBe('new');
    expect(loads).toHaveLength(2);
  });

  it('joins concurrent reads of one key, and keeps keys apart', async () => {
    const { get, clock, loads } = startScene();
    const reading = [get('1', 'a', 50), get('2', 'a', 50), get('3', 'b', 50)];

    await clock.advance(50);

    expect(await Promise.all(reading)).toEqual(['1', '1', '3']);
    expect(loads).toEqual(['a', 'b']);
  });

  it("serves a value no longer than the value's own life", async () => {
    const { get, clock } = startScene();
    await get('leased', 'key', 0, new Date(clock.date().getTime() + 5000));

    await clock.advance(5000);

    expect([await get(DOWN), await get('new')]).toEqual(['PROVIDER_UNAVAILABLE', 'new']);
  });

  it.each(['SECRET_NOT_FOUND', 'ACCESS_DENIED', 'IDENTITY_REJECTED'] as const)(
    'remembers %s for 2 s only',
    async (code) => {
      const { get, clock, loads } = startScene();
      await get(new LatchkeyError(code, 'no'));

      const before = await get('granted');
      await clock.advance(2000);
      const after = await get('granted');

      expect([before, after]).toEqual([code, 'granted']);
      expect(loads).toHaveLength(2);
    },
  );

  it.each(['PROVIDER_UNAVAILABLE', 'INTERNAL'] as const)('does not remember %s', async (code) => {
    const { get } = startScene();
    await get(new LatchkeyError(code, 'no'));

    expect(await get('value')).toBe('value');
  });

  it('lets an old value stand in for a provider that fails, and asks again every 5 s', async () => {
    const { get, clock, loads, seen } = startScene();
    await get('old');
    await clock.advance(2 * TTL_MS);

    const texts = [await get(DOWN), await get(DOWN)];
    await clock.advance(5000);
    texts.push(await get(DOWN));

    expect(texts).toEqual(['old', 'old', 'old']);
    expect(loads).toHaveLength(3);
    expect(seen).toEqual(['miss', 'miss', 'stale', 'stale']);
  });

  it('asks a provider first that may work again', async () => {
    const { get, clock } = startScene();
    await get('old');
    await clock.advance(2 * TTL_MS);
    await get(DOWN);

    await clock.advance(TTL_MS);

    expect(await get('new')).toBe('new');
  });

  it('serves nothing after the time for that has passed', async () => {
    const { get, clock } = startScene();
    await get('old');

    await clock.advance(TTL_MS + 600_000);

    expect(await get(DOWN)).toBe('PROVIDER_UNAVAILABLE');
  });

  it('serves nothing old after a refusal, whatever fails later', async () => {
    const { get, clock } = startScene();
    await get('old');
    await clock.advance(TTL_MS);
    await get(new LatchkeyError('ACCESS_DENIED', 'no'));
    await clock.advance(2000);

    expect(await get(DOWN)).toBe('PROVIDER_UNAVAILABLE');
  });

  it('does not let a mistake of ours bring back an old value', async () => {
    const { get, clock } = startScene();
    await get('old');
    await clock.advance(2 * TTL_MS);

    expect(await get(new LatchkeyError('INTERNAL', 'bug'))).toBe('INTERNAL');
  });

  it('reads every time where the TTL is 0', async () => {
    const { get } = startScene({ ttlMs: 0 });

    expect([
      await get('1'),
      await get('2'),
      await get(new LatchkeyError('ACCESS_DENIED', 'no')),
      await get('3'),
    ]).toEqual(['1', '2', 'ACCESS_DENIED', '3']);
  });

  it('drops what was used least where its bytes are full, and keeps nothing larger than all of them', async () => {
    const { get, loads } = startScene({ maxBytes: 4000 });
    await get('a'.repeat(1500), 'a');
    await get('b'.repeat(1500), 'b');
    await get('c'.repeat(1500), 'c');
    await get('d'.repeat(5000), 'd');

    const again = [await get('A', 'a'), await get('D', 'd'), await get('C', 'c')];

    expect(again).toEqual(['A', 'D', 'c'.repeat(1500)]);
    expect(loads).toEqual(['a', 'b', 'c', 'd', 'a', 'd']);
  });

  it('forgets every value with a beginning, and no refusal', async () => {
    const { get, cache } = startScene();
    await get('1', 'x\na');
    await get(new LatchkeyError('IDENTITY_REJECTED', 'no'), 'x\nb');
    await get('3', 'xy\na');

    cache.forget('x\n');

    const texts = [await get('new', 'x\na'), await get('new', 'x\nb'), await get('new', 'xy\na')];
    expect(texts).toEqual(['new', 'IDENTITY_REJECTED', '3']);
  });

  it('sweeps out what may not be served any more', async () => {
    const { get, cache, clock } = startScene({ staleIfErrorMs: TTL_MS });
    await get('old');
    await clock.advance(2 * TTL_MS - 1);
    cache.sweep();
    const kept = await get(DOWN);

    await clock.advance(TTL_MS);
    cache.sweep();

    expect([kept, await get(DOWN)]).toEqual(['old', 'PROVIDER_UNAVAILABLE']);
  });
});

describe('a cache without a TTL', () => {
  it('reads anew each time and keeps no value', async () => {
    const { get, seen, loads } = startScene({ ttlMs: 0, staleIfErrorMs: 0 });

    const served = [await get('first'), await get('second'), await get(DOWN), await get('third')];

    expect(served).toEqual(['first', 'second', 'PROVIDER_UNAVAILABLE', 'third']);
    expect(loads).toHaveLength(4);
    expect(seen).toEqual(['miss', 'miss', 'miss', 'miss']);
  });

  it('still joins what is asked at once', async () => {
    const { clock, get, loads } = startScene({ ttlMs: 0, staleIfErrorMs: 0 });

    const both = Promise.all([get('value', 'key', 100), get('value', 'key', 100)]);
    await clock.advance(100);

    expect(await both).toEqual(['value', 'value']);
    expect(loads).toEqual(['key']);
  });

  it('repeats no refusal', async () => {
    const { get, loads } = startScene({ ttlMs: 0, staleIfErrorMs: 0 });

    const served = [await get(new LatchkeyError('ACCESS_DENIED', 'no')), await get('granted')];

    expect(served).toEqual(['ACCESS_DENIED', 'granted']);
    expect(loads).toHaveLength(2);
  });
});
