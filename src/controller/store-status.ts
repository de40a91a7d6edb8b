import { type Config, durationMs } from '../config.ts';
import type { IdentityFactory } from '../identity/store-identity-factory.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import { isNotFound } from '../kube/kube-error.ts';
import { type KubeObject, parseKubeObject } from '../kube/kube-object.ts';
import { apiPath } from '../kube/paths.ts';
import { mergePatch } from '../kube/server-side-apply.ts';
import type { Log } from '../log.ts';
import { isClaimed } from '../stores/is-claimed.ts';
import { STORE_PLURALS } from '../stores/store-feed.ts';
import type { WatchedStoreIndex } from '../stores/store-index.ts';
import type { Store } from '../stores/store.ts';
import { withReady } from './ready-condition.ts';
import { validateStore, type Verdict } from './validate-store.ts';
import { createWorkQueue, type RunOutcome, type WorkQueue } from './work-queue.ts';

/** Keeps the Ready condition of the stores that are ours to write. Runs in one replica at a time. */
export interface StoreStatus {
  /** Validates every store, on changes and from time to time, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** `clock.now()` when something last began or ended, or now while there is nothing to do. */
  lastProgressAt(): number;
}

export interface StoreStatusOptions {
  readonly client: KubeClient;
  readonly config: Config;
  readonly stores: Pick<WatchedStoreIndex, 'all' | 'onChange'>;
  readonly identityOf: IdentityFactory;
  readonly events: EventRecorder;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
}

const FIELD_MANAGER = 'latchkey-store-status';
/** The least that `stores.revalidateEvery` may be, so that no store's own interval asks for more of its provider. */
const MIN_REFRESH_MS = 10_000;

export function createStoreStatus(options: StoreStatusOptions): StoreStatus {
  const { client, config, stores, events, log, clock = systemClock, random = Math.random } = options;
  const { revalidateEvery } = config.stores;
  const validation = { identityOf: options.identityOf, timeoutMs: durationMs(config.resolve.callTimeout) };
  let queue: WorkQueue | undefined;

  return {
    async run(signal) {
      const { concurrency } = config.controller;
      const work = createWorkQueue({ run: reconcile, concurrency, log, clock, random });
      queue = work;
      const unsubscribe = stores.onChange((key) => work.add(key));
      for (const key of stores.all().keys()) work.add(key);
      await aborted(signal);
      unsubscribe();
      await work.stop();
      queue = undefined;
    },

    lastProgressAt: () => queue?.lastProgressAt() ?? clock.now(),
  };

  async function reconcile(key: string, signal: AbortSignal): Promise<RunOutcome> {
    const store = stores.all().get(key);
    if (store === undefined || !isClaimed(store, config.stores)) return {};

    const verdict = await validateStore(store, validation, { signal });
    // Cut off, not refused.
    if (signal.aborted) return { again: nextLookMs(store) };
    await publish(store, verdict, signal);
    const { error } = verdict;
    // A denial is not tried with growing pauses: repeated logins lock accounts.
    if (error !== undefined && error.fault !== 'denied') throw error;
    return verdict.reason === 'Valid' || error !== undefined ? { again: nextLookMs(store) } : {};
  }

  async function publish(store: Store, verdict: Verdict, signal: AbortSignal): Promise<void> {
    const object = await read(store, signal);
    const isAsValidated = object?.metadata.uid === store.uid && (object.metadata.generation ?? 0) === store.generation;
    // Gone or changed meanwhile: the watch brings the news.
    if (object === undefined || !isAsValidated) return;
    const status = withReady(object['status'], verdict, clock.date());
    if (status === undefined) return;

    const { resourceVersion } = object.metadata;
    const body = { metadata: { resourceVersion }, status };
    await mergePatch(client, pathOf(store, 'status'), body, { fieldManager: FIELD_MANAGER, signal });
    announce(store, verdict);
  }

  async function read(store: Store, signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return parseKubeObject(await client.request({ method: 'GET', path: pathOf(store), signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  function announce(store: Store, { status, reason, message }: Verdict): void {
    const { apiVersion, kind, name, namespace, uid } = store;
    const regarding = { apiVersion, kind, name, uid, ...(namespace !== undefined && { namespace }) };
    events.event({ regarding, type: status === 'True' ? 'Normal' : 'Warning', reason, action: 'Validate', message });
    log.info({ kind, namespace, store: name, ready: status, reason }, 'status of store changed');
  }

  /** Spread over a fifth, so that stores do not come all at once. */
  function nextLookMs({ refreshIntervalMs }: Store): number {
    const everyMs = Math.max(refreshIntervalMs ?? durationMs(revalidateEvery), MIN_REFRESH_MS);
    return everyMs * (0.9 + 0.2 * random());
  }
}

function pathOf({ apiVersion, kind, namespace, name }: Store, subresource?: string): string {
  return apiPath({ apiVersion, plural: STORE_PLURALS[kind] }, { namespace, name, subresource });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
