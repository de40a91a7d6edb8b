import type { Config } from '../config.ts';
import type { ProviderLimits } from '../providers/provider.ts';

/** What the configuration says about a provider kind; a kind that it does not name may ask for no token. */
export function createLimitsFor({ identity, resolve }: Config): (provider: string) => ProviderLimits {
  const audiences = new Map<string, readonly string[]>(Object.entries(identity.audiences));
  const endpoints = new Map<string, readonly string[]>(Object.entries(identity.endpoints));
  const moved = new Map(Object.entries(identity.endpointUrls).map(([provider, urls]) => [provider, present(urls)]));
  return (provider) => {
    const endpointUrls = moved.get(provider);
    return {
      audiences: audiences.get(provider) ?? [],
      endpoints: endpoints.get(provider) ?? [],
      ...(endpointUrls !== undefined && { endpointUrls }),
      maxResponseBytes: resolve.maxResponseBytes,
    };
  };
}

function present(urls: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(urls).flatMap(([name, url]) => (url === undefined ? [] : [[name, url]])));
}
