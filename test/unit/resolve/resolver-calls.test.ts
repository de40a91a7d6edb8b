import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { anAsker, aReference } from '../../support/a-store.ts';
import { type ResolveScene, resolveScene, TTL_MS } from '../../support/resolve-scene.ts';

const SECRETS = { a: '1', b: '2', c: '3', d: '4', e: '5' };
const KEYS = Object.keys(SECRETS);

describe('the number of provider calls', () => {
  it('is one login and one read for each remote secret for a thousand Pods in a TTL', async () => {
    const { read, clock, provider } = resolveScene(SECRETS);

    for (let pod = 0; pod < 1000; pod += 1) {
      await read(KEYS);
      await clock.advance(TTL_MS / 1001);
    }

    expect(provider.calls()).toBe(KEYS.length + 1);
  });

  it('is the same for 64 Pods at once', async () => {
    const { read, clock, provider } = resolveScene(SECRETS);
    provider.latencyMs = 50;
    const pods = Array.from({ length: 64 }, () => read(KEYS));

    await clock.advance(200);

    expect((await Promise.all(pods)).flat()).toEqual(pods.flatMap(() => Object.values(SECRETS)));
    expect(provider.calls()).toBe(KEYS.length + 1);
  });

  it('is one read for each remote secret and TTL for as long as Pods keep coming', async () => {
    const { read, clock, provider } = resolveScene(SECRETS);

    for (let pod = 0; pod < 600; pod += 1) {
      await read(KEYS);
      await clock.advance(TTL_MS / 60);
    }

    expect(provider.logins).toHaveLength(1);
    expect(provider.reads.length).toBeLessThanOrEqual(10 * KEYS.length);
  });

  it('is at most S+1 in any TTL, however Pods come and however slow the provider is', async () => {
    const arrivals = fc.array(
      fc.record({ waitMs: fc.integer({ min: 0, max: 2 * TTL_MS }), pods: fc.integer({ min: 1, max: 64 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );

    await fc.assert(
      fc.asyncProperty(arrivals, fc.constantFrom(0, 40, 4000, 7000), async (steps, latencyMs) => {
        const scene = resolveScene(SECRETS, { cacheTtlMs: 5000, concurrencyPerStore: 64 });
        scene.provider.latencyMs = latencyMs;
        await simulate(scene, steps);

        expect(mostIn(scene.provider.callsAtMs, 5000)).toBeLessThanOrEqual(KEYS.length + 1);
      }),
      { numRuns: 40 },
    );
  });

  it('stays small for a thousand Pods whose reads are denied', async () => {
    const { read, clock, provider } = resolveScene({ key: new LatchkeyError('ACCESS_DENIED', 'no') });

    for (let pod = 0; pod < 1000; pod += 1) {
      await read(['key']);
      await clock.advance(10);
    }

    // 10 s: a read every 2 s, and one more login with its read.
    expect(provider.calls()).toBeLessThanOrEqual(8);
  });

  it('stays small for a thousand Pods whose identity is rejected by every read', async () => {
    const rejected = new LatchkeyError('IDENTITY_REJECTED', 'no');
    const { read, clock, provider } = resolveScene(Object.fromEntries(KEYS.map((key) => [key, rejected])));

    for (let pod = 0; pod < 1000; pod += 1) {
      await read(KEYS);
      await clock.advance(10);
    }

    // 10 s: five reads every 2 s, and one more login with theirs.
    expect(provider.calls()).toBeLessThanOrEqual(5 * KEYS.length + KEYS.length + 2);
  });

  it('stays small for a thousand Pods whose identity is rejected at the login', async () => {
    const { read, clock, provider } = resolveScene(SECRETS);
    provider.loginError = new LatchkeyError('IDENTITY_REJECTED', 'no');

    for (let pod = 0; pod < 1000; pod += 1) {
      await read(KEYS);
      await clock.advance(10);
    }

    expect(provider.calls()).toBeLessThanOrEqual(5);
  });

  it('stays small for a thousand Pods while the provider is down', async () => {
    const { read, clock, provider } = resolveScene(SECRETS);
    provider.loginError = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');

    for (let pod = 0; pod < 1000; pod += 1) {
      await read(KEYS);
      await clock.advance(10);
    }

    // 10 s: five failures open the circuit, then a probe every 5 s.
    expect(provider.calls()).toBeLessThanOrEqual(7);
  });

  it('is one for many remote secrets where the provider has batches', async () => {
    const { read, provider } = resolveScene(SECRETS);
    provider.batchMax = 20;

    await Promise.all([read(['a', 'b']), read(['b', 'c', 'd']), read(['e'])]);

    expect(provider.batches).toEqual([['a', 'b', 'c', 'd', 'e']]);
    expect(provider.calls()).toBe(2);
  });

  it('shares nothing between workloads with identities of their own', async () => {
    const { read, provider } = resolveScene(SECRETS);

    for (let workload = 0; workload < 10; workload += 1) await read(['a'], anAsker({ uid: `uid-${workload}` }));

    expect(provider.calls()).toBe(20);
  });

  it('does not grow with the properties and places of a remote secret', async () => {
    const { read, provider } = resolveScene({ db: '{"user":"app","password":"p"}' });

    await read(['user', 'password', 'user'].map((property) => aReference('db', { property })));

    expect(provider.calls()).toBe(2);
  });
});

async function simulate(
  { read, clock }: ResolveScene,
  steps: readonly { readonly waitMs: number; readonly pods: number }[],
): Promise<void> {
  const waiting: Promise<unknown>[] = [];
  for (const { waitMs, pods } of steps) {
    for (let pod = 0; pod < pods; pod += 1) waiting.push(read(KEYS));
    await clock.advance(waitMs);
  }
  await clock.advance(30_000);
  await Promise.all(waiting);
}

function mostIn(timesMs: readonly number[], windowMs: number): number {
  return Math.max(...timesMs.map((fromMs) => timesMs.filter((ms) => ms >= fromMs && ms < fromMs + windowMs).length));
}
