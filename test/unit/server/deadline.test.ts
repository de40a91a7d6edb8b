import { describe, expect, it } from 'vitest';
import { Deadline, deadlineMsOf } from '../../../src/server/deadline.ts';

describe('deadlineMsOf', () => {
  it.each([
    ['10s', 9500],
    ['1m', 29_500],
    ['1500ms', 1000],
    ['500ms', 250],
    [undefined, 9500],
    ['', 9500],
    ['0s', 9500],
    ['-3s', 9500],
    ['soon', 9500],
    [['1s', '2s'], 9500],
  ])('reads %j as %d ms with a margin of 500 ms', (timeout, expected) => {
    expect(deadlineMsOf(timeout, 500)).toBe(expected);
  });
});

describe('Deadline', () => {
  it('aborts its signal as a timeout when the time is over', async () => {
    const call = new Deadline(1);

    const signal = call.signal;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));

    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
    expect(call.signal).toBe(signal);
  });

  it('leaves no timer behind once it has ended', () => {
    const timersBefore = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const call = new Deadline(30_000);

    expect(call.signal.aborted).toBe(false);
    call.end();

    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(timersBefore);
  });
});
