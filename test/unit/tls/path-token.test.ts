import { describe, expect, it, vi } from 'vitest';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { KubeError } from '../../../src/kube/client.ts';
import { createPathTokenKeeper, createPathTokens, startPathTokens } from '../../../src/tls/path-token.ts';
import { captureLog } from '../../support/captured-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const SIGNAL = new AbortController().signal;
const MINUTE_MS = 60_000;
const OWN_NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'latchkey-system' } };

function setUp() {
  const clock = createFakeClock();
  const captured = captureLog();
  let failure: KubeError | undefined;
  const cluster = createMemoryCluster([OWN_NAMESPACE], {
    clock,
    onRequest() {
      if (failure !== undefined) throw failure;
    },
  });
  const place = { kube: cluster, namespace: 'latchkey-system', name: 'latchkey-path-token' };
  let published: { token: string; since: Date } | undefined;
  const keeper = createPathTokenKeeper({
    place,
    clock,
    log: captured.log,
    lifetimeMs: 60 * MINUTE_MS,
    spreadMs: MINUTE_MS,
    publishedSince: (token) => (published?.token === token ? published.since : undefined),
  });
  return {
    clock,
    captured,
    cluster,
    place,
    tokens: createPathTokens(place, captured.log),
    reconcile: async () => (await keeper.reconcile(SIGNAL)).current.value,
    publish: (token: string) => {
      published = { token, since: clock.date() };
    },
    fail: (error: KubeError | undefined) => {
      failure = error;
    },
  };
}

describe('path token', () => {
  it('is 32 random bytes in lower-case hex', async () => {
    const { reconcile } = setUp();

    expect(await reconcile()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is accepted exactly', async () => {
    const { reconcile, tokens } = setUp();
    const token = await reconcile();

    const before = [tokens.isReady(), tokens.matches(token)];
    await tokens.refresh(SIGNAL);

    expect(before).toEqual([false, false]);
    expect(tokens.isReady()).toBe(true);
    expect(tokens.matches(token)).toBe(true);
    const wrong = ['', token.slice(1), `${token}0`, token.toUpperCase(), `${token.slice(0, -1)}x`, 'ā'.repeat(64)];
    expect(wrong.filter((other) => tokens.matches(other))).toEqual([]);
  });

  it('rotates with old and new accepted together', async () => {
    const { clock, reconcile, publish, tokens } = setUp();
    const used: string[] = [];
    const accepted: boolean[] = [];
    for (let minute = 0; minute < 130; minute += 1) {
      const token = await reconcile();
      // Replicas are late by one round, the configuration names the new one at once.
      accepted.push(minute === 0 || tokens.matches(token));
      await tokens.refresh(SIGNAL);
      if (token !== used.at(-1)) publish(token);
      if (token !== used.at(-1)) used.push(token);
      await clock.advance(MINUTE_MS);
    }

    expect(used).toHaveLength(3);
    expect(accepted).not.toContain(false);
    expect(used.map((token) => tokens.matches(token))).toEqual([false, false, true]);
  });

  it('goes on accepting the old one until the configuration is known to name the new one', async () => {
    const { clock, reconcile, tokens } = setUp();
    const first = await reconcile();

    for (let minute = 0; minute < 300; minute += 1) {
      await clock.advance(MINUTE_MS);
      await reconcile();
    }
    await tokens.refresh(SIGNAL);

    expect(tokens.matches(first)).toBe(true);
    expect(await reconcile()).not.toBe(first);
  });

  it('keeps what it accepts while the Secret cannot be read, or is gone', async () => {
    const { reconcile, tokens, fail, cluster, place, captured } = setUp();
    const token = await reconcile();
    await tokens.refresh(SIGNAL);

    fail(new KubeError(403, 'Forbidden', 'GET was refused'));
    await tokens.refresh(SIGNAL);
    fail(undefined);
    await cluster.request({ method: 'DELETE', path: `/api/v1/namespaces/${place.namespace}/secrets/${place.name}` });
    await tokens.refresh(SIGNAL);

    expect(tokens.matches(token)).toBe(true);
    expect(captured.text()).toContain('ACCESS_DENIED');
    expect(captured.text()).not.toContain(token);
  });

  it('is looked for every second until there is one, then every ten', async () => {
    const { clock, place, captured, reconcile, cluster } = setUp();
    const requests = vi.spyOn(cluster, 'request');
    const tokens = startPathTokens(place, { log: captured.log, clock });

    await clock.advance(0);
    await reconcile();
    await clock.advance(1000);
    const isReady = tokens.isReady();
    requests.mockClear();
    await clock.advance(19_000);
    const looks = requests.mock.calls.length;
    await tokens.stop();

    expect(isReady).toBe(true);
    expect(looks).toBe(1);
  });
});
