import { describe, expect, it } from 'vitest';
import { providerKinds } from '../../../src/providers/registry.ts';

describe('the registry', () => {
  it('names no kind twice', () => {
    const names = providerKinds.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });

  it.each(providerKinds)('loads and warms the provider $name', async ({ name, load }) => {
    const provider = await load();

    expect(provider.name).toBe(name);
    await expect(Promise.resolve(provider.warm?.())).resolves.toBeUndefined();
  });
});
