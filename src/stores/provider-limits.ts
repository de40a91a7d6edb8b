import type { Config } from '../config.ts';
import type { ProviderLimits } from '../providers/provider.ts';

/** What the configuration says about a provider kind; a kind that it does not name may ask for no token. */
export function createLimitsFor({ identity, resolve }: Config): (provider: string) => ProviderLimits {
  const audiences = new Map<string, readonly string[]>(Object.entries(identity.audiences));
  const endpoints = new Map<string, readonly string[]>(Object.entries(identity.endpoints));
  return (provider) => ({
    audiences: audiences.get(provider) ?? [],
    endpoints: endpoints.get(provider) ?? [],
    maxResponseBytes: resolve.maxResponseBytes,
  });
}
