/** Time as an argument, so that tests move it by hand. */
export interface Clock {
  /** Milliseconds that never go backwards, whatever happens to the machine's clock. For measuring, not for printing. */
  now(): number;
  /** The date, for what other machines read. */
  date(): Date;
  /** Resolves after `ms`, or at once when the signal aborts; the caller looks at the signal afterwards. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A longer timer would fire at once; waking up after 24 days instead harms nobody. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now() {
    return performance.now();
  },

  date() {
    return new Date();
  },

  sleep(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(finish, Math.min(ms, MAX_TIMER_MS));
      signal.addEventListener('abort', finish, { once: true });

      function finish(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      }
    });
  },
};

/** Go's MicroTime, which the API server accepts with exactly six digits only. */
export function toMicroTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

export interface BackoffRule {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Doubles from `firstMs` to `maxMs`, spread over half to one and a half of it so that replicas do not return together. */
export function backoffMs(failures: number, rule: BackoffRule, random: () => number): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 30);
  return Math.min(rule.firstMs * 2 ** exponent, rule.maxMs) * (0.5 + random());
}
