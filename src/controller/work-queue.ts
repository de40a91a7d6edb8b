import { backoffMs, type Clock, systemClock } from '../kube/clock.ts';
import { LatchkeyError } from '../errors.ts';
import { KubeError } from '../kube/client.ts';
import { kubeErrorFacts } from '../kube/kube-error.ts';
import type { Log } from '../log.ts';

export interface WorkQueueOptions {
  /** Reconciles one key. A rejection means: again, later. Should stop when the signal aborts. */
  readonly run: (key: string, signal: AbortSignal) => Promise<RunOutcome | void>;
  readonly concurrency: number;
  readonly log: Log;
  /** A run that takes longer is told to stop, so that it cannot hold its place forever. */
  readonly runTimeoutMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface RunOutcome {
  /** Look again after this time, without a failure. */
  readonly again?: number | undefined;
}

export interface WorkQueue {
  /** Runs the key soon. Added while it waits: once. Added while it runs: once more afterwards. */
  add(key: string): void;
  /** The earliest of several times wins. */
  addAfter(key: string, ms: number): void;
  /** Keys that wait for a place or run; delayed ones are not counted. */
  size(): number;
  /** `clock.now()` when a run last began or ended, or now while there is nothing to do: liveness is that this moves. */
  lastProgressAt(): number;
  /** Starts nothing more and waits for what runs, telling it to stop after `drainMs`. */
  stop(drainMs?: number): Promise<void>;
}

const BACKOFF = { firstMs: 500, maxMs: 5 * 60_000 };
const RUN_TIMEOUT_MS = 2 * 60_000;
const DRAIN_MS = 5_000;

/** A key runs once at a time, a failing one with growing pauses, and all share a bounded number of places. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { run, concurrency, log, runTimeoutMs = RUN_TIMEOUT_MS, clock = systemClock, random = Math.random } = options;
  /** In the order they came. */
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const addedWhileRunning = new Set<string>();
  const failures = new Map<string, number>();
  const delayed = new Map<string, { readonly dueAt: number; readonly cancel: AbortController }>();
  const hurry = new AbortController();
  let isStopped = false;
  let progressAt = clock.now();

  return {
    add,
    addAfter,
    size: () => waiting.size + running.size,
    lastProgressAt: () => (waiting.size + running.size === 0 ? clock.now() : progressAt),

    async stop(drainMs = DRAIN_MS) {
      isStopped = true;
      waiting.clear();
      for (const { cancel } of delayed.values()) cancel.abort();
      const drained = new AbortController();
      const limit = clock.sleep(drainMs, drained.signal).then(() => hurry.abort());
      await Promise.all(running.values());
      drained.abort();
      await limit;
    },
  };

  function add(key: string): void {
    if (isStopped) return;
    delayed.get(key)?.cancel.abort();
    delayed.delete(key);
    if (running.has(key)) addedWhileRunning.add(key);
    else waiting.add(key);
    fillPlaces();
  }

  function addAfter(key: string, ms: number): void {
    if (isStopped) return;
    const dueAt = clock.now() + ms;
    const earlier = delayed.get(key);
    if (earlier !== undefined && earlier.dueAt <= dueAt) return;
    earlier?.cancel.abort();
    const cancel = new AbortController();
    delayed.set(key, { dueAt, cancel });
    void addLater(key, ms, cancel.signal);
  }

  async function addLater(key: string, ms: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(ms, signal);
    if (!signal.aborted) add(key);
  }

  function fillPlaces(): void {
    for (const key of waiting) {
      if (running.size >= concurrency) return;
      waiting.delete(key);
      // Not at once: a run that adds its own key must find itself among the running.
      running.set(
        key,
        Promise.resolve().then(() => occupy(key)),
      );
    }
  }

  async function occupy(key: string): Promise<void> {
    progressAt = clock.now();
    // What was added up to now, this run will see.
    addedWhileRunning.delete(key);
    await attempt(key);
    progressAt = clock.now();
    running.delete(key);
    if (addedWhileRunning.delete(key) && !isStopped) add(key);
    else if (!isStopped) fillPlaces();
  }

  async function attempt(key: string): Promise<void> {
    const signal = AbortSignal.any([hurry.signal, AbortSignal.timeout(runTimeoutMs)]);
    try {
      const outcome = await run(key, signal);
      failures.delete(key);
      if (outcome?.again !== undefined) addAfter(key, outcome.again);
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      const pauseMs = Math.max(backoffMs(count, BACKOFF, random), askedToWaitMs(error));
      const answer = error instanceof KubeError ? { answer: kubeErrorFacts(error) } : {};
      log.warn({ err: error, ...answer, key, failures: count, pauseMs: Math.round(pauseMs) }, 'reconcile failed');
      addAfter(key, pauseMs);
    }
  }
}

function askedToWaitMs(error: unknown): number {
  const asked = error instanceof LatchkeyError || error instanceof KubeError ? error.retryAfterMs : undefined;
  return Math.min(asked ?? 0, BACKOFF.maxMs);
}
