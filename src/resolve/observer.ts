import type { ErrorCode } from '../errors.ts';

/** What resolving tells the metrics: names of provider kinds and counts, never a key. */
export interface ResolveObserver {
  providerCall(provider: string, outcome: 'ok' | ErrorCode, seconds: number): void;
  /** `stale`: older than the TTL, served while it is refreshed or because the provider fails. */
  cache(result: 'hit' | 'miss' | 'stale'): void;
}
