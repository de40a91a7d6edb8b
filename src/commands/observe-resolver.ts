import type { Metrics } from '../metrics.ts';
import type { ResolveObserver } from '../resolve/observer.ts';

/** Counts what resolving does: kinds of providers, outcomes and cache results; never a store's key. */
export function observeResolver(metrics: Metrics): ResolveObserver {
  const seconds = metrics.histogram({
    name: 'latchkey_provider_call_seconds',
    help: 'Calls to providers, logins included, by kind and outcome',
    labels: ['provider', 'outcome'],
  });
  const cache = metrics.counter({
    name: 'latchkey_value_cache_total',
    help: 'Look-ups in the value cache; stale values are refreshed or stand in for a provider that fails',
    labels: ['result'],
  });
  return {
    providerCall: (provider, outcome, duration) => seconds.observe(duration, { provider, outcome }),
    cache: (result) => cache.increment({ result }),
  };
}
