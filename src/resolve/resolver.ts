import { LatchkeyError } from '../errors.ts';
import type { Asker, IdentityFactory } from '../identity/store-identity-factory.ts';
import type { Clock } from '../kube/clock.ts';
import type { Call, FindQuery, Found, Outcome } from '../providers/provider.ts';
import type { Reference } from '../references/reference.ts';
import type { SecretValue } from '../secret-value.ts';
import { orAborted } from '../single-flight.ts';
import type { Store } from '../stores/store.ts';
import { createBatchReader } from './batch-reader.ts';
import { createClientCache } from './client-cache.ts';
import { createFinder } from './finder.ts';
import { jsonToMap } from './json-map.ts';
import type { ResolveObserver } from './observer.ts';
import { defaultFor, pickMap, pickValue } from './pick-value.ts';
import { createSession, scopePrefix, type Session, valueKey } from './session.ts';
import type { ResolveSettings } from './settings.ts';
import { createStoreCalls, notAnswered } from './store-calls.ts';
import { createValueCache, type RemoteSecret } from './value-cache.ts';

/** One reference with its store, which planning found and checked. */
export interface ResolveRequest {
  readonly store: Store;
  readonly reference: Reference;
}

/** Everything in one store that fits the query. */
export interface FindRequest {
  readonly store: Store;
  readonly query: FindQuery;
}

/** What a reference came to. `absent`: it is optional, and the remote secret or property does not exist. */
export type ResolvedValue = { readonly absent: false; readonly value: SecretValue } | { readonly absent: true };
export type ResolvedMap = ReadonlyMap<string, SecretValue>;

/** From references to values, as the asker. Reads are shared by all who ask as the same identity, and by nobody else. */
export interface Resolver {
  /** One outcome each, in order, so that a Pod with three mistakes hears of all three. Waits as long as the signal allows. */
  resolve(requests: readonly ResolveRequest[], asker: Asker, call: Call): Promise<readonly Outcome<ResolvedValue>[]>;
  /** Every property of one remote secret, or of a part of it; none where it is optional and absent. */
  resolveMap(request: ResolveRequest, asker: Asker, call: Call): Promise<Outcome<ResolvedMap>>;
  /** Names as the provider has them. Never cached, but equal searches that run at once are one. */
  find(request: FindRequest, asker: Asker, call: Call): Promise<Outcome<readonly Found[]>>;
  /** Closes the clients; for the end of the process. */
  close(): Promise<void>;
}

export interface ResolverOptions {
  readonly identityOf: IdentityFactory;
  readonly settings: ResolveSettings;
  readonly clock: Clock;
  readonly observer?: ResolveObserver;
}

type SessionOf = (store: Store) => Session;

const SWEEP_EVERY_MS = 15_000;
const MIN_IDLE_MS = 60_000; // a client is worth its login that long even where values are not cached
const UNOBSERVED: ResolveObserver = { providerCall() {}, cache() {} };

export function createResolver({ identityOf, settings, clock, observer = UNOBSERVED }: ResolverOptions): Resolver {
  const { cacheTtlMs, cacheMaxBytes, staleIfErrorMs } = settings;
  const stopping = new AbortController();
  const values = createValueCache({ ttlMs: cacheTtlMs, staleIfErrorMs, maxBytes: cacheMaxBytes, clock, observer });
  const calls = createStoreCalls({ ...settings, clock, observer, stopping: stopping.signal });
  const clients = createClientCache({ calls, clock, idleMs: Math.max(2 * cacheTtlMs, MIN_IDLE_MS), onRefused: forget });
  const reader = createBatchReader({ clients, calls, clock });
  const finder = createFinder({ clients, calls });
  const sweeper = setInterval(sweep, SWEEP_EVERY_MS).unref();

  return {
    async resolve(requests, asker, call) {
      return inTime(requests, asker, call, async (request, sessionOf): Promise<ResolvedValue> => {
        const value = await read(request, sessionOf, pickValue, (text) => text);
        return value === undefined ? { absent: true } : { absent: false, value };
      });
    },

    async resolveMap(request, asker, call) {
      const [outcome] = await inTime([request], asker, call, async (one, sessionOf): Promise<ResolvedMap> => {
        return (await read(one, sessionOf, pickMap, (text) => jsonToMap(text, one.reference))) ?? new Map();
      });
      return outcome ?? failed(undefined);
    },

    async find(request, asker, call) {
      const [outcome] = await inTime([request], asker, call, ({ store, query }, sessionOf) =>
        finder.find(sessionOf(store), query),
      );
      return outcome ?? failed(undefined);
    },

    async close() {
      stopping.abort();
      clearInterval(sweeper);
      await clients.close();
    },
  };

  /** Runs every request, each under its own name, and stops waiting at the deadline. What runs goes on for other askers. */
  async function inTime<R extends { readonly store: Store }, T>(
    requests: readonly R[],
    asker: Asker,
    call: Call,
    run: (request: R, sessionOf: SessionOf) => Promise<T>,
  ): Promise<readonly Outcome<T>[]> {
    const startedAtMs = clock.now();
    const sessionOf = createSessions(asker);
    const outcomes: Outcome<T>[] = [];
    const all = call.signal.aborted ? [] : requests.map(settle);
    // Only the deadline rejects here; whoever missed it is told below.
    await orAborted(Promise.all(all), call.signal, deadlinePassed).catch(() => undefined);
    return requests.map(({ store }, index) => outcomes[index] ?? failed(late(store)));

    async function settle(request: R, index: number): Promise<void> {
      try {
        outcomes[index] = { ok: true, value: await run(request, sessionOf) };
      } catch (thrown) {
        outcomes[index] = failed(thrown);
      }
    }

    function late(store: Store): unknown {
      try {
        const session = sessionOf(store);
        return calls.refusal(session) ?? notAnswered(session.title, clock.now() - startedAtMs);
      } catch (thrown) {
        return thrown;
      }
    }
  }

  async function read<T>(
    { store, reference }: ResolveRequest,
    sessionOf: SessionOf,
    pick: (secret: RemoteSecret, reference: Reference, rule: Session['configured']['property']) => T,
    fromDefault: (text: SecretValue) => T,
  ): Promise<T | undefined> {
    const session = sessionOf(store);
    try {
      const secret = await readSecret(session, reference);
      return inStore(session, () => pick(secret, reference, session.configured.property));
    } catch (thrown) {
      const value = defaultFor(thrown, reference);
      return value === undefined ? undefined : fromDefault(value);
    }
  }

  function readSecret(session: Session, { key, version, property, metadata }: Reference): Promise<RemoteSecret> {
    const isAsked = property !== undefined && session.configured.property === 'provider';
    const ref = {
      key,
      ...(version !== undefined && { version }),
      ...(isAsked && { property }),
      ...(metadata === true && { metadata }),
    };
    return values.get(valueKey(session, ref), async () => {
      try {
        return await reader.read(session, ref);
      } catch (thrown) {
        const error = LatchkeyError.from(thrown);
        if (error.code === 'IDENTITY_REJECTED') forget(session);
        throw error;
      }
    });
  }

  function createSessions(asker: Asker): SessionOf {
    const sessions = new Map<Store, Session>();
    return (store) => {
      const known = sessions.get(store);
      if (known !== undefined) return known;
      const session = createSession(store, identityOf(store, asker));
      sessions.set(store, session);
      return session;
    };
  }

  /** An identity that was refused has no claim on what it read before. */
  function forget(session: Session): void {
    values.forget(scopePrefix(session));
  }

  function sweep(): void {
    values.sweep();
    clients.sweep();
  }
}

function inStore<T>({ title }: Session, pick: () => T): T {
  try {
    return pick();
  } catch (thrown) {
    throw LatchkeyError.from(thrown).at(title);
  }
}

function deadlinePassed(): LatchkeyError {
  return new LatchkeyError('PROVIDER_TIMEOUT', 'the deadline passed');
}

function failed(thrown: unknown): { readonly ok: false; readonly error: LatchkeyError } {
  return { ok: false, error: LatchkeyError.from(thrown) };
}
