import { describe, expect, it } from 'vitest';
import { backoffMs, systemClock, toMicroTime } from '../../../src/kube/clock.ts';

describe('systemClock', () => {
  it('ends a sleep when the signal aborts', async () => {
    const stop = new AbortController();
    const sleep = systemClock.sleep(2 ** 40, stop.signal);

    stop.abort();

    await expect(sleep).resolves.toBeUndefined();
  });

  it('does not begin to sleep after the signal has aborted', async () => {
    await expect(systemClock.sleep(2 ** 40, AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe('toMicroTime', () => {
  it('prints exactly six digits', () => {
    expect(toMicroTime(new Date('2026-11-22T05:00:00.1Z'))).toBe('2026-11-22T05:00:00.100000Z');
  });
});

describe('backoffMs', () => {
  it.each([
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1000],
    [5000, 1000],
  ])('after %i failures it is %i ms, half more or less', (failures, ms) => {
    const rule = { firstMs: 100, maxMs: 1000 };

    expect(backoffMs(failures, rule, () => 0.5)).toBe(ms);
    expect(backoffMs(failures, rule, () => 0)).toBe(ms / 2);
  });
});
