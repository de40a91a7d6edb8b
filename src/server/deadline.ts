import { parseDurationMs } from '../duration.ts';
import type { Call } from '../identity/store-identity.ts';

/** What the API server uses where a webhook names no timeout. */
const DEFAULT_MS = 10_000;
/** The most that `timeoutSeconds` allows. */
const MAX_MS = 30_000;

/** The time to answer in, from the `?timeout=10s` that the API server sends (rounded up to a second), less a margin for the way back. */
export function deadlineMsOf(timeout: unknown, marginMs: number): number {
  const asked = typeof timeout === 'string' ? parseDurationMs(timeout) : undefined;
  const timeoutMs = asked === undefined || asked <= 0 ? DEFAULT_MS : Math.min(asked, MAX_MS);
  // Where the margin would leave nothing, half of the time is still worth a try.
  return Math.max(timeoutMs - marginMs, timeoutMs / 2);
}

/** A call whose signal aborts at the deadline. It costs a timer, so it is made when it is first asked for: most reviews never do. */
export class Deadline implements Call {
  readonly deadlineMs: number;
  readonly #startedMs = performance.now();
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#timer = setTimeout(
        () => controller.abort(new DOMException('the admission deadline has passed', 'TimeoutError')),
        Math.max(0, this.deadlineMs - this.elapsedMs),
      );
      this.#controller = controller;
    }
    return this.#controller.signal;
  }

  /** Frees the timer. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
