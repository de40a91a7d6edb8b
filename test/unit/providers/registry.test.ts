import { describe, expect, it } from 'vitest';
import { providerKinds } from '../../../src/providers/registry.ts';

describe('the registry', () => {
  it('names no kind twice', () => {
    const names = providerKinds.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });

  it.each(providerKinds)('loads and warms the provider $name', async (kind) => {
    const provider = await kind.load();

    expect(provider.name).toBe(kind.name);
    await expect(Promise.resolve(provider.warm?.())).resolves.toBeUndefined();
  });
});
