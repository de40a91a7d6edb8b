import { describe, expect, it } from 'vitest';
import { type ErrorCode, LatchkeyError } from '../../../src/errors.ts';
import { createSession, type Session } from '../../../src/resolve/session.ts';
import { createStoreCalls, type StoreCalls } from '../../../src/resolve/store-calls.ts';
import { aStore } from '../../support/a-store.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { testIdentity } from '../../support/test-identity.ts';

const FOREVER = new AbortController().signal;

interface Scene {
  readonly calls: StoreCalls;
  readonly clock: FakeClock;
  readonly seen: (readonly [string, string, number])[];
  readonly stopping: AbortController;
}

function startScene(concurrencyPerStore = 2): Scene {
  const clock = createFakeClock();
  const seen: (readonly [string, string, number])[] = [];
  const stopping = new AbortController();
  const calls = createStoreCalls({
    concurrencyPerStore,
    callTimeoutMs: 8000,
    circuit: { failures: 3, openMs: 5000 },
    clock,
    observer: { providerCall: (...call) => void seen.push(call), cache() {} },
    stopping: stopping.signal,
  });
  return { calls, clock, seen, stopping };
}

function sessionOf(uid = 'uid-1'): Session {
  return createSession(aStore(), testIdentity({ serviceAccount: { uid } }));
}

function errorIn(work: Promise<unknown>): Promise<LatchkeyError> {
  return work.then(
    () => new LatchkeyError('INTERNAL', 'it succeeded'),
    (thrown: unknown) => LatchkeyError.from(thrown),
  );
}

describe('createStoreCalls', () => {
  it('bounds the calls to one store, whoever makes them', async () => {
    const { calls, clock } = startScene(2);
    let [running, most] = [0, 0];
    const work = ['a', 'b', 'c', 'd', 'e'].map((uid) =>
      calls.run(sessionOf(uid), async () => {
        running += 1;
        most = Math.max(most, running);
        await clock.sleep(100, FOREVER);
        running -= 1;
      }),
    );

    await clock.advance(300);
    await Promise.all(work);

    expect(most).toBe(2);
  });

  it('refuses more waiting calls than it can remember', async () => {
    const { calls, clock } = startScene(1);
    const work = Array.from({ length: 1026 }, () => errorIn(calls.run(sessionOf(), () => clock.sleep(1, FOREVER))));

    await clock.advance(2000);
    const codes = (await Promise.all(work)).map(({ code }) => code);

    expect(codes.filter((code) => code === 'BUSY')).toHaveLength(1);
  });

  it('ends a call that hangs, tells it so, and names the store', async () => {
    const { calls, clock, seen } = startScene();
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const hanging = errorIn(
      calls.run(sessionOf(), ({ signal }) => {
        signal.addEventListener('abort', () => resolve());
        return new Promise(() => undefined);
      }),
    );

    await clock.advance(8000);

    expect(await hanging).toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      message: 'store "aws-prod" did not answer in 8 s',
    });
    await expect(told).resolves.toBeUndefined();
    expect(seen).toEqual([['aws', 'PROVIDER_TIMEOUT', 8]]);
  });

  it('leaves no timer behind', async () => {
    const { calls, clock } = startScene();

    await calls.run(sessionOf(), async () => 'value');

    expect(clock.sleepers()).toBe(0);
  });

  it.each<[string, Error, ErrorCode]>([
    ["the provider's own error", new LatchkeyError('ACCESS_DENIED', 'no'), 'ACCESS_DENIED'],
    ['a foreign error', new Error('hunter2'), 'INTERNAL'],
  ])('names the store in %s', async (_, thrown, code) => {
    const { calls, seen } = startScene();

    const error = await errorIn(calls.run(sessionOf(), () => Promise.reject(thrown)));

    expect(error).toMatchObject({ code, where: 'store "aws-prod"' });
    expect(error.line).not.toContain('hunter2');
    expect(seen).toEqual([['aws', code, 0]]);
  });

  it('calls a failing store no more for that identity, and still for others', async () => {
    const { calls } = startScene();
    const down = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');
    for (let time = 0; time < 3; time += 1) await errorIn(calls.run(sessionOf('failing'), () => Promise.reject(down)));

    const own = await errorIn(calls.run(sessionOf('failing'), async () => 'value'));
    const others = await calls.run(sessionOf('other'), async () => 'value');

    expect(own.message).toContain('has failed since');
    expect(others).toBe('value');
    expect(calls.refusal(sessionOf('other'))).toBeUndefined();
  });

  it('waits as long as a provider asks where that fits into the time of a call', async () => {
    const { calls, clock } = startScene();
    let attempts = 0;
    const work = calls.run(sessionOf(), async () => {
      attempts += 1;
      if (attempts === 1) throw new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 3000 });
      return clock.now();
    });

    await clock.advance(8000);

    expect(await work).toBe(3000);
  });

  it('reports a longer wish at once, and calls nothing until then', async () => {
    const { calls, clock } = startScene();
    const throttled = new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 20_000 });
    let attempts = 0;

    const first = await errorIn(calls.run(sessionOf(), () => Promise.reject(throttled)));
    const second = await errorIn(calls.run(sessionOf(), async () => ++attempts));
    await clock.advance(20_000);
    const third = await calls.run(sessionOf(), async () => ++attempts);

    expect([first.retryAfterMs, second.retryAfterMs, third]).toEqual([20_000, 20_000, 1]);
    expect(second.code).toBe('PROVIDER_THROTTLED');
  });

  it('does not call without end a provider that asks to come back at once', async () => {
    const { calls, clock } = startScene();
    let attempts = 0;
    const work = errorIn(
      calls.run(sessionOf(), async () => {
        attempts += 1;
        throw new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 0 });
      }),
    );

    await clock.advance(10_000);

    expect((await work).code).toBe('PROVIDER_THROTTLED');
    expect(attempts).toBeLessThanOrEqual(8000 / 50 + 1);
  });

  it('waits for no provider when the process stops', async () => {
    const { calls, stopping } = startScene();
    const throttled = new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 5000 });
    const work = errorIn(calls.run(sessionOf(), () => Promise.reject(throttled)));

    stopping.abort();

    expect((await work).code).toBe('PROVIDER_THROTTLED');
  });
});
