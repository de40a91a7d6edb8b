import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../src/errors.ts';
import { createSingleFlight, orAborted } from '../../src/single-flight.ts';

const GAVE_UP = new LatchkeyError('PROVIDER_TIMEOUT', 'gave up');

describe('createSingleFlight', () => {
  it('does equal concurrent work once, and different work apart', async () => {
    const flight = createSingleFlight<number>();
    let started = 0;

    const results = await Promise.all(['a', 'a', 'b'].map((key) => flight.join(key, async () => ++started)));

    expect(results).toEqual([1, 1, 2]);
  });

  it('starts again once the work has ended, also after a failure', async () => {
    const flight = createSingleFlight<string>();
    await flight.join('a', () => Promise.reject(GAVE_UP)).catch(() => undefined);

    const result = await flight.join('a', async () => 'fine');

    expect(result).toBe('fine');
  });
});

describe('orAborted', () => {
  it('lets one waiter leave without cancelling the work of the others', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const leaving = new AbortController();
    const left = orAborted(promise, leaving.signal, () => GAVE_UP);
    const stayed = orAborted(promise, new AbortController().signal, () => GAVE_UP);

    leaving.abort();
    resolve('value');

    await expect(left).rejects.toBe(GAVE_UP);
    await expect(stayed).resolves.toBe('value');
  });

  it('does not wait where the signal has aborted before', async () => {
    const waiting = orAborted(new Promise(() => undefined), AbortSignal.abort(), () => GAVE_UP);

    await expect(waiting).rejects.toBe(GAVE_UP);
  });
});
