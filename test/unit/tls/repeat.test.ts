import { describe, expect, it } from 'vitest';
import { startRepeating } from '../../../src/tls/repeat.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('startRepeating', () => {
  it('pauses as long as it is told after each round', async () => {
    const clock = createFakeClock();
    const rounds: number[] = [];
    const repeating = startRepeating(async () => void rounds.push(clock.now()), {
      clock,
      pauseMs: () => (rounds.length < 2 ? 10 : 100),
    });

    await clock.advance(250);
    await repeating.stop();
    await clock.advance(500);

    expect(rounds).toEqual([0, 10, 110, 210]);
  });

  it('aborts the round under way when it is stopped, and waits for its end', async () => {
    let ended = false;
    const repeating = startRepeating(
      async (signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = true;
      },
      { clock: createFakeClock(), pauseMs: () => 10 },
    );

    await repeating.stop();

    expect(ended).toBe(true);
  });
});
