import { LatchkeyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type ProviderKind, providerKinds } from '../providers/registry.ts';
import type { WatchedStoreIndex } from '../stores/store-index.ts';

/** Loads what the providers of known stores need, before a Pod waits for it. */
export interface WarmProviders {
  /** Whether the stores were listed once and what they use is loaded. */
  isReady(): boolean;
  stop(): void;
}

export function warmProviders(stores: WatchedStoreIndex, log: Log): WarmProviders {
  const loading = new Map<string, Promise<void>>();
  let isListed = false;
  let underway = 0;

  const stop = stores.onChange((key) => load(stores.all().get(key)?.provider ?? ''));
  void loadListed();
  return { isReady: () => isListed && underway === 0, stop };

  async function loadListed(): Promise<void> {
    await stores.synced;
    for (const { provider } of stores.all().values()) load(provider);
    isListed = true;
  }

  function load(name: string): void {
    const kind = providerKinds.find((one) => one.name === name);
    if (kind === undefined || loading.has(name)) return;
    underway += 1;
    const work = warm(kind)
      .catch((cause: unknown) => {
        // Its stores will say so themselves; the others can be served.
        log.error(
          { err: new LatchkeyError('INTERNAL', 'a provider could not be loaded', { cause }), provider: name },
          'provider not loaded',
        );
      })
      .finally(() => {
        underway -= 1;
      });
    loading.set(name, work);
  }
}

async function warm(kind: ProviderKind): Promise<void> {
  const provider = await kind.load();
  await provider.warm?.();
}
