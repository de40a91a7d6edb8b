import { type Config, durationMs } from '../config.ts';
import type { CircuitRule } from './circuit.ts';

export interface ResolveSettings {
  readonly cacheTtlMs: number;
  readonly cacheMaxBytes: number;
  /** How long after its TTL a value may stand in for a provider that fails; 0 turns it off. */
  readonly staleIfErrorMs: number;
  readonly concurrencyPerStore: number;
  readonly callTimeoutMs: number;
  readonly circuit: CircuitRule;
}

const STALE_IF_ERROR_MS = 10 * 60_000; // outlasts a provider's failover, and is short beside any rotation

export function toResolveSettings({ resolve, delivery }: Config): ResolveSettings {
  return {
    cacheTtlMs: durationMs(resolve.cacheTtl),
    cacheMaxBytes: resolve.cacheMaxBytes,
    staleIfErrorMs: delivery.staleIfError ? STALE_IF_ERROR_MS : 0,
    concurrencyPerStore: resolve.concurrencyPerStore,
    callTimeoutMs: durationMs(resolve.callTimeout),
    circuit: { failures: resolve.circuit.failures, openMs: durationMs(resolve.circuit.open) },
  };
}
