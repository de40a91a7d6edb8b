import { describe, expect, it } from 'vitest';
import { findProvider, providers } from '../../../src/providers/registry.ts';

describe('the registry', () => {
  it('finds each provider by its key under spec.provider', () => {
    const names = providers.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(names.map(findProvider)).toEqual(providers);
    expect(findProvider('constructor')).toBeUndefined();
  });

  it('warms every provider', async () => {
    await expect(Promise.all(providers.map(async (provider) => provider.warm?.()))).resolves.toBeDefined();
  });
});
