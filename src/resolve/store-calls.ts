import { LRUCache } from 'lru-cache';
import pLimit, { type LimitFunction } from 'p-limit';
import { LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';
import type { Call } from '../providers/provider.ts';
import { type Circuit, type CircuitRule, createCircuit, formatSeconds } from './circuit.ts';
import type { ResolveObserver } from './observer.ts';
import type { Session } from './session.ts';

/** The one way to a provider: bounded in number and time, fast where the store fails, counted, and named in every error. */
export interface StoreCalls {
  run<T>(session: Session, work: (call: Call) => Promise<T>): Promise<T>;
  /** Why the session's store is left alone just now, if it is. */
  refusal(session: Session): LatchkeyError | undefined;
}

export interface StoreCallsOptions {
  readonly concurrencyPerStore: number;
  readonly callTimeoutMs: number;
  readonly circuit: CircuitRule;
  readonly clock: Clock;
  readonly observer: ResolveObserver;
  /** Aborts when the process stops: nobody waits for a Retry-After then. */
  readonly stopping: AbortSignal;
}

const MAX_WAITING_PER_STORE = 1024; // remote secrets, not Pods: equal reads were joined before
const MAX_STORES = 4096;
const MAX_CIRCUITS = 4096;
const MIN_RETRY_AFTER_MS = 50; // so that "retry after 0" is no endless loop

export function createStoreCalls(options: StoreCallsOptions): StoreCalls {
  const { concurrencyPerStore, callTimeoutMs, clock, observer, stopping } = options;
  const limits = new LRUCache<string, LimitFunction>({ max: MAX_STORES });
  // By identity: a Pod author whose role or quota fails must not close the store to everybody else.
  const circuits = new LRUCache<string, Circuit>({ max: MAX_CIRCUITS });

  return {
    async run(session, work) {
      const giveUpAtMs = clock.now() + callTimeoutMs;
      for (;;) {
        try {
          return await attempt(session, work);
        } catch (thrown) {
          const error = LatchkeyError.from(thrown);
          if (error.code !== 'PROVIDER_THROTTLED' || error.retryAfterMs === undefined) throw error;
          const waitMs = Math.max(error.retryAfterMs, MIN_RETRY_AFTER_MS);
          if (clock.now() + waitMs > giveUpAtMs) throw error;
          await clock.sleep(waitMs, stopping);
          if (stopping.aborted) throw error;
        }
      }
    },

    refusal(session) {
      return circuitOf(session).refusal();
    },
  };

  async function attempt<T>(session: Session, work: (call: Call) => Promise<T>): Promise<T> {
    const circuit = circuitOf(session);
    const refused = circuit.refusal();
    if (refused !== undefined) throw refused; // before the queue, which a hanging store may fill

    const limit = limitOf(session);
    if (limit.pendingCount >= MAX_WAITING_PER_STORE) {
      throw new LatchkeyError('BUSY', `${MAX_WAITING_PER_STORE} reads wait for ${session.title} already`, {
        hint: 'It is tried again; raise resolve.concurrencyPerStore where the provider bears more',
      });
    }
    return limit(() => circuit.run(() => observed(session, work)));
  }

  async function observed<T>(session: Session, work: (call: Call) => Promise<T>): Promise<T> {
    const startedAtMs = clock.now();
    try {
      const result = await withTimeout(session, work);
      observer.providerCall(session.provider, 'ok', (clock.now() - startedAtMs) / 1000);
      return result;
    } catch (thrown) {
      const error = LatchkeyError.from(thrown);
      observer.providerCall(session.provider, error.code, (clock.now() - startedAtMs) / 1000);
      throw error;
    }
  }

  /** Ends also where a provider does not heed its signal. */
  async function withTimeout<T>({ title }: Session, work: (call: Call) => Promise<T>): Promise<T> {
    const call = new AbortController();
    const timer = new AbortController();
    try {
      return await Promise.race([named(title, work({ signal: call.signal })), timeout()]);
    } finally {
      timer.abort();
    }

    function timeout(): Promise<never> {
      return new Promise((_, reject) => {
        void expire(reject);
      });
    }

    async function expire(reject: (error: LatchkeyError) => void): Promise<void> {
      await clock.sleep(callTimeoutMs, timer.signal);
      if (timer.signal.aborted) return;
      reject(notAnswered(title, callTimeoutMs));
      call.abort();
    }
  }

  function limitOf({ storeId }: Session): LimitFunction {
    const known = limits.get(storeId);
    if (known !== undefined) return known;
    const limit = pLimit(concurrencyPerStore);
    limits.set(storeId, limit);
    return limit;
  }

  function circuitOf({ scope, title }: Session): Circuit {
    const known = circuits.get(scope);
    if (known !== undefined) return known;
    const circuit = createCircuit(title, options.circuit, clock);
    circuits.set(scope, circuit);
    return circuit;
  }
}

export function notAnswered(title: string, afterMs: number): LatchkeyError {
  return new LatchkeyError('PROVIDER_TIMEOUT', `${title} did not answer in ${formatSeconds(afterMs)}`, {
    hint: 'The Pod is tried again by its controller; apply a bare Pod again',
  });
}

async function named<T>(title: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw LatchkeyError.from(thrown).at(title);
  }
}
