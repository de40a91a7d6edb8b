import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/kube/clock.ts';

export interface FakeClock extends Clock {
  /** Lets `ms` pass: whoever sleeps wakes up in order, and what follows without further waiting runs. */
  advance(ms: number): Promise<void>;
  sleepers(): number;
}

interface Sleeper {
  readonly dueAt: number;
  wake(): void;
}

export function createFakeClock(start = '2026-11-22T05:00:00.000Z'): FakeClock {
  const sleepers = new Set<Sleeper>();
  let now = 0;
  return {
    now: () => now,
    date: () => new Date(Date.parse(start) + now),
    sleepers: () => sleepers.size,

    sleep(ms, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { dueAt: now + ms, wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });

        function wake(): void {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        }
      });
    },

    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let next = earliest(); next !== undefined && next.dueAt <= until; next = earliest()) {
        now = Math.max(now, next.dueAt);
        next.wake();
        await settle();
      }
      now = until;
      await settle();
    },
  };

  function earliest(): Sleeper | undefined {
    return [...sleepers].sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}

/** Promise chains that wait for nothing outside finish within a few turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}
