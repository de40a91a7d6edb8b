import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../../errors.ts';
import type { Call } from '../provider.ts';

/** Keeps what several stores and identities ask of one AWS account below its quota. */
export interface TokenBuckets {
  /** Waits for its turn. Throws PROVIDER_THROTTLED where that is far away, PROVIDER_TIMEOUT where the deadline passes before. */
  take(account: string, quota: Quota, call: Call): Promise<void>;
}

export interface Quota {
  /** Calls of these are counted together. */
  readonly name: string;
  readonly perSecond: number;
}

export interface TokenBucketDeps {
  readonly now: () => number;
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const MAX_ACCOUNTS = 1000;
const BURST_MS = 250; // as many calls at once as the quota allows in this time
const MAX_WAIT_MS = 3000; // an admission has about ten seconds in all

export function createTokenBuckets({ now, sleep }: TokenBucketDeps): TokenBuckets {
  /** When the bucket will be full again: one number says all. */
  const fullAtMs = new LRUCache<string, number>({ max: MAX_ACCOUNTS });

  return {
    async take(account, { name, perSecond }, { signal }) {
      const key = `${account} ${name}`;
      const nowMs = now();
      const fullMs = Math.max(fullAtMs.get(key) ?? 0, nowMs);
      const waitMs = Math.ceil(fullMs - nowMs - BURST_MS);
      if (waitMs > MAX_WAIT_MS) {
        throw new LatchkeyError('PROVIDER_THROTTLED', `more calls of ${name} wait than AWS allows the account`, {
          hint: `It is tried again; AWS allows ${perSecond} calls a second`,
          retryAfterMs: waitMs,
        });
      }
      fullAtMs.set(key, fullMs + 1000 / perSecond);
      if (waitMs > 0) await sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted) {
        throw new LatchkeyError('PROVIDER_TIMEOUT', `the deadline passed before the turn of a call of ${name}`, {
          hint: `It is tried again; AWS allows ${perSecond} calls a second`,
        });
      }
    },
  };
}
