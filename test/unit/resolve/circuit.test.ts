import { describe, expect, it } from 'vitest';
import { type ErrorCode, LatchkeyError } from '../../../src/errors.ts';
import { type Circuit, createCircuit } from '../../../src/resolve/circuit.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const DOWN = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');

function startCircuit(): { readonly circuit: Circuit; readonly clock: FakeClock } {
  const clock = createFakeClock('2026-11-22T05:00:00.000Z');
  return { clock, circuit: createCircuit('store "vault"', { failures: 3, openMs: 5000 }, clock) };
}

async function fail(circuit: Circuit, times: number, error = DOWN): Promise<void> {
  for (let time = 0; time < times; time += 1) await circuit.run(() => Promise.reject(error)).catch(() => undefined);
}

describe('createCircuit', () => {
  it('lets calls through until several in a row failed', async () => {
    const { circuit } = startCircuit();

    await fail(circuit, 2);

    expect(circuit.refusal()).toBeUndefined();
    expect(await circuit.run(async () => 'value')).toBe('value');
  });

  it('refuses without a call afterwards, and says since when and until when', async () => {
    const { circuit, clock } = startCircuit();
    await fail(circuit, 3);
    await clock.advance(1000);
    let calls = 0;

    const error = await circuit.run(async () => ++calls).catch((thrown: unknown) => LatchkeyError.from(thrown));

    expect(error).toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: 'store "vault" has failed since 2026-11-22T05:00:00.000Z; it is tried again in 4 s',
      retryAfterMs: 4000,
    });
    expect(calls).toBe(0);
  });

  it('sends one probe after a while, and closes where it succeeds', async () => {
    const { circuit, clock } = startCircuit();
    await fail(circuit, 3);
    await clock.advance(5000);
    const { promise, resolve } = Promise.withResolvers<string>();

    const probe = circuit.run(() => promise);
    const meanwhile = circuit.refusal();
    resolve('value');

    expect(await probe).toBe('value');
    expect(meanwhile?.message).toContain('it is tried again just now');
    expect(circuit.refusal()).toBeUndefined();
  });

  it('sends no second probe when a call from before ends meanwhile', async () => {
    const { circuit, clock } = startCircuit();
    const [slow, probe] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const before = circuit.run(() => slow.promise).catch(() => undefined);
    await fail(circuit, 3);
    await clock.advance(5000);

    const probing = circuit.run(() => probe.promise);
    slow.reject(new LatchkeyError('CLUSTER_UNAVAILABLE', 'no token'));
    await before;
    const meanwhile = circuit.refusal();
    probe.resolve('value');
    await probing;

    expect(meanwhile?.code).toBe('PROVIDER_UNAVAILABLE');
  });

  it('stays open where the probe fails, until the next', async () => {
    const { circuit, clock } = startCircuit();
    await fail(circuit, 3);
    await clock.advance(5000);

    await fail(circuit, 1);
    const failed = circuit.refusal();
    await clock.advance(5000);

    expect(failed).toMatchObject({ retryAfterMs: 5000 });
    expect(await circuit.run(async () => 'value')).toBe('value');
  });

  it('forgets failures after which nobody called for a minute: all calls go through at once, and count anew', async () => {
    const { circuit, clock } = startCircuit();
    await fail(circuit, 3);
    await clock.advance(5000 + 60_000);
    const { promise, resolve } = Promise.withResolvers<string>();

    const calls = [circuit.run(() => promise), circuit.run(() => promise)];
    await fail(circuit, 2);
    const later = circuit.refusal();
    resolve('value');

    expect(await Promise.all(calls)).toEqual(['value', 'value']);
    expect(later).toBeUndefined();
  });

  it.each<[ErrorCode, boolean]>([
    ['PROVIDER_TIMEOUT', true],
    ['PROVIDER_UNAVAILABLE', true],
    ['PROVIDER_THROTTLED', true],
    ['ACCESS_DENIED', false],
    ['IDENTITY_REJECTED', false],
    ['SECRET_NOT_FOUND', false],
    ['CLUSTER_UNAVAILABLE', false],
    ['INTERNAL', false],
  ])('counts %s as a failure of the store: %s', async (code, isFailure) => {
    const { circuit } = startCircuit();

    await fail(circuit, 3, new LatchkeyError(code, 'no'));

    expect(circuit.refusal() !== undefined).toBe(isFailure);
  });

  it.each<[ErrorCode, boolean]>([
    ['SECRET_NOT_FOUND', true],
    ['ACCESS_DENIED', true],
    ['CLUSTER_UNAVAILABLE', false],
  ])('takes %s between failures for a working provider: %s', async (code, isWorking) => {
    const { circuit } = startCircuit();
    await fail(circuit, 2);
    await fail(circuit, 1, new LatchkeyError(code, 'no'));

    await fail(circuit, 1);

    expect(circuit.refusal() === undefined).toBe(isWorking);
  });

  it('leaves a store alone for as long as it asked, and no longer than 5 minutes', async () => {
    const { circuit, clock } = startCircuit();
    await fail(circuit, 1, new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 86_400_000 }));

    const before = circuit.refusal();
    await clock.advance(300_000);

    expect(before).toMatchObject({
      code: 'PROVIDER_THROTTLED',
      message: 'store "vault" asks for no calls in the next 300 s',
      retryAfterMs: 300_000,
    });
    expect(circuit.refusal()).toBeUndefined();
  });
});
