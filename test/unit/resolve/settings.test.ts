import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { toResolveSettings } from '../../../src/resolve/settings.ts';

it('reads the settings of the resolver from the configuration', () => {
  const config = parseConfig('resolve: {cacheTtl: 2m, circuit: {failures: 2}}');

  expect(toResolveSettings(config)).toEqual({
    cacheTtlMs: 120_000,
    cacheMaxBytes: 64 * 1024 * 1024,
    staleIfErrorMs: 600_000,
    concurrencyPerStore: 16,
    callTimeoutMs: 8000,
    circuit: { failures: 2, openMs: 5000 },
  });
});

it('lets no old value stand in where the operator does not want it', () => {
  const config = parseConfig('delivery: {staleIfError: false}');

  expect(toResolveSettings(config).staleIfErrorMs).toBe(0);
});
