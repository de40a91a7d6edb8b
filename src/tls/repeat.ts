import type { Clock } from '../kube/clock.ts';

/** A round that hangs, say on a connection that nobody resets, is given up. */
const ROUND_MS = 20_000;

export interface RepeatOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** How long to wait after a round, asked each time. */
  readonly pauseMs: () => number;
  readonly signal: AbortSignal;
}

/** Runs `round`, which handles its own errors, until the signal aborts; each with a signal of its own that ends it in time. */
export async function repeat(round: (signal: AbortSignal) => Promise<void>, options: RepeatOptions): Promise<void> {
  const { clock, pauseMs, signal } = options;
  while (!signal.aborted) {
    await round(AbortSignal.any([signal, AbortSignal.timeout(ROUND_MS)]));
    await clock.sleep(pauseMs(), signal);
  }
}

/** The same in the background. */
export function startRepeating(
  round: (signal: AbortSignal) => Promise<void>,
  options: Omit<RepeatOptions, 'signal'>,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = repeat(round, { ...options, signal: stopping.signal });
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
