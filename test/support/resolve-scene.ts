import type { LatchkeyError } from '../../src/errors.ts';
import type { Asker } from '../../src/identity/store-identity-factory.ts';
import { createIdentityFactory } from '../../src/identity/store-identity-factory.ts';
import type { Outcome } from '../../src/providers/provider.ts';
import type { Reference } from '../../src/references/reference.ts';
import { createResolver, type ResolvedValue, type Resolver } from '../../src/resolve/resolver.ts';
import type { ResolveSettings } from '../../src/resolve/settings.ts';
import { SecretValue } from '../../src/secret-value.ts';
import type { Store } from '../../src/stores/store.ts';
import { anAsker, aReference, aStore, type StoreSettings } from './a-store.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts';

export const TTL_MS = 60_000;
export const NO_DEADLINE = new AbortController().signal;

export interface ResolveScene {
  readonly clock: FakeClock;
  readonly provider: ScriptedProvider;
  readonly resolver: Resolver;
  readonly storeWith: (settings?: StoreSettings) => Store;
  /** Each reference's text, `absent`, or its code. */
  readonly read: (
    references: readonly (string | Reference)[],
    asker?: Asker,
    store?: Store,
  ) => Promise<readonly string[]>;
  /** What the reference's reader gets in place of a value. */
  readonly errorOf: (reference: string | Reference, signal?: AbortSignal) => Promise<LatchkeyError | undefined>;
}

export function resolveScene(
  secrets: Readonly<Record<string, string | LatchkeyError>> = {},
  settings: Partial<ResolveSettings> = {},
): ResolveScene {
  const clock = createFakeClock();
  const provider = scriptedProvider(clock, secrets);
  const identityOf = createIdentityFactory({
    tokens: { issue: async () => SecretValue.fromText('token') },
    credentials: { read: async () => SecretValue.fromText('credential') },
    serviceAccounts: { get: () => undefined },
  });
  const resolver = createResolver({
    identityOf,
    clock,
    settings: {
      cacheTtlMs: TTL_MS,
      cacheMaxBytes: 1024 * 1024,
      staleIfErrorMs: 10 * TTL_MS,
      concurrencyPerStore: 16,
      callTimeoutMs: 8000,
      circuit: { failures: 5, openMs: 5000 },
      ...settings,
    },
  });
  const own = storeWith();
  return { clock, provider, resolver, storeWith, read, errorOf };

  function storeWith(storeSettings: StoreSettings = {}): Store {
    return aStore({ ...storeSettings, configured: provider });
  }

  async function read(
    references: readonly (string | Reference)[],
    asker = anAsker(),
    store = own,
  ): Promise<readonly string[]> {
    const requests = references.map((reference) => ({ store, reference: toReference(reference) }));
    return (await resolver.resolve(requests, asker, { signal: NO_DEADLINE })).map(textOf);
  }

  async function errorOf(reference: string | Reference, signal = NO_DEADLINE): Promise<LatchkeyError | undefined> {
    const [outcome] = await resolver.resolve([{ store: own, reference: toReference(reference) }], anAsker(), {
      signal,
    });
    return outcome?.ok === false ? outcome.error : undefined;
  }
}

export function textOf(outcome: Outcome<ResolvedValue>): string {
  if (!outcome.ok) return outcome.error.code;
  return outcome.value.absent ? 'absent' : outcome.value.value.exposeText();
}

function toReference(reference: string | Reference): Reference {
  return typeof reference === 'string' ? aReference(reference) : reference;
}
