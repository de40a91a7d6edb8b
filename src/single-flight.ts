import type { LatchkeyError } from './errors.ts';

/** Concurrent equal work is done once, and everybody who asked for it gets the one result. */
export interface SingleFlight<T> {
  /** The running work of that key, else what `start` begins. It belongs to no waiter: `start` bounds it in time itself. */
  join(key: string, start: () => Promise<T>): Promise<T>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Promise<T>>();

  return {
    join(key, start) {
      const joined = running.get(key);
      if (joined !== undefined) return joined;

      const work = start();
      running.set(key, work);
      work.then(land, land); // also a handler of its own: a failure that all waiters left behind is no crash
      return work;

      function land(): void {
        running.delete(key);
      }
    },
  };
}

/** Waits for shared work as long as `signal` allows. A waiter that leaves cancels nothing for the others. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal, abandoned: () => LatchkeyError): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      leave();
      return;
    }
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));

    function leave(): void {
      reject(abandoned());
    }
  });
}
