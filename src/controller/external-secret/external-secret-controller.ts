import { type Config, durationMs } from '../../config.ts';
import type { StillMakes } from '../../delivery/claim-target.ts';
import type { TargetPlace } from '../../delivery/target.ts';
import { createTargetWriter } from '../../delivery/target-writer.ts';
import type { Definition } from '../../externalsecrets/definition.ts';
import type { Produce } from '../../externalsecrets/produced.ts';
import { storesOf } from '../../externalsecrets/stores-of.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type Clock, systemClock } from '../../kube/clock.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { objectKey } from '../../kube/kube-object.ts';
import type { Log } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import { classifyStores } from '../../stores/definition-class.ts';
import type { NamespaceIndex } from '../../stores/namespace-index.ts';
import { storeKey } from '../../stores/store-key.ts';
import type { Store } from '../../stores/store.ts';
import type { WatchedStoreIndex } from '../../stores/store-index.ts';
import { createWorkQueue, type RunOutcome, type WorkQueue } from '../work-queue.ts';
import { checkDefinition } from './check-definition.ts';
import { createExternalSecretMetrics } from './external-secret-metrics.ts';
import { createPublishStatus } from './publish-status.ts';
import { createReconcileDefinition } from './reconcile-definition.ts';
import { releaseFinalizer } from './release-finalizer.ts';
import { initialState, type SyncState } from './sync-state.ts';
import { createSyncTarget } from './sync-target.ts';
import { placeOf } from './target-of.ts';
import { createTopics, namespaceTopic } from './topics.ts';

/** Syncs the ExternalSecrets that are ours. Runs in one replica at a time. */
export interface ExternalSecretController {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** `clock.now()` when something last began or ended, or now while there is nothing to do. */
  lastProgressAt(): number;
}

/** ExternalSecrets as a watch brings them. */
export interface WatchedDefinitions {
  readonly synced: Promise<unknown>;
  /** By `objectKey`. */
  all(): ReadonlyMap<string, Definition>;
  /** The listener hears the key of each that came, changed or went. Returns how to stop that. */
  onChange(listener: (key: string) => void): () => void;
}

export interface ExternalSecretControllerOptions {
  readonly client: KubeClient;
  readonly config: Config;
  readonly definitions: WatchedDefinitions;
  readonly stores: Pick<WatchedStoreIndex, 'get' | 'onChange' | 'synced'>;
  readonly namespaces: Pick<NamespaceIndex, 'get' | 'isOptedIn' | 'onChange' | 'synced'>;
  readonly produce: Produce;
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Over so much time what was due while nobody led is spread at most. */
const OVERDUE_MS = 30_000;

export function createExternalSecretController(options: ExternalSecretControllerOptions): ExternalSecretController {
  const { client, config, definitions, stores, namespaces, log } = options;
  const { clock = systemClock, random = Math.random } = options;
  const { concurrency, namespaces: scope, driftCheckInterval } = config.externalSecrets;
  const driftCheckMs = durationMs(driftCheckInterval);
  const { isOptedIn } = namespaces;
  const metrics = createExternalSecretMetrics(options.metrics);
  const writer = createTargetWriter(client);
  const publish = createPublishStatus(client, clock);
  const reconcileDefinition = createReconcileDefinition({
    ...options,
    sync: createSyncTarget({ produce: options.produce, writer, stillMakes }),
    writer,
    publish,
    metrics,
    driftCheckMs,
    clock,
    random,
  });
  const topics = createTopics();
  const states = new Map<string, SyncState>();
  let queue: WorkQueue | undefined;

  return {
    async run(signal) {
      if (!config.externalSecrets.enabled) return aborted(signal);
      // What is not known yet would look like what does not exist.
      await Promise.race([Promise.all([definitions.synced, stores.synced, namespaces.synced]), aborted(signal)]);
      if (signal.aborted) return;
      const work = createWorkQueue({ run: reconcile, concurrency, log, clock, random });
      queue = work;
      const unsubscribe = [
        definitions.onChange((key) => onDefinition(key, work)),
        stores.onChange((key) => wake(key, work)),
        namespaces.onChange((name) => wake(namespaceTopic(name), work)),
      ];
      for (const key of definitions.all().keys()) onDefinition(key, work);
      await aborted(signal);
      for (const stop of unsubscribe) stop();
      await work.stop();
      queue = undefined;
      // Another replica goes on, and knows better by the time this one leads again.
      for (const key of states.keys()) forget(key);
    },

    lastProgressAt: () => queue?.lastProgressAt() ?? clock.now(),
  };

  function onDefinition(key: string, work: WorkQueue): void {
    const definition = definitions.all().get(key);
    work.add(key);
    for (const topic of topics.update(key, definition)) {
      // Whoever waits for the target of one that went or chose another.
      if (topic.startsWith('Secret/')) wakeWaiting(topic, work);
    }
  }

  function wake(topic: string, work: WorkQueue): void {
    for (const key of topics.dependants(topic)) work.add(key);
  }

  function wakeWaiting(topic: string, work: WorkQueue): void {
    for (const key of topics.dependants(topic)) if (states.get(key)?.isTargetTaken === true) work.add(key);
  }

  /** What was away is back: nobody has to wait for a pause to end. */
  function wakeFailing(found: readonly Store[]): void {
    const concerned = found.flatMap(({ kind, namespace, name }) => topics.dependants(storeKey(kind, namespace, name)));
    for (const key of concerned) if (states.get(key)?.isFailing === true) queue?.add(key);
  }

  async function reconcile(key: string, signal: AbortSignal): Promise<RunOutcome> {
    const definition = definitions.all().get(key);
    const named = definition && classifyStores(storesOf(definition), definition.namespace, stores, config.stores);
    // Objects of another controller are left alone, their status too.
    if (definition === undefined || named?.whose !== 'ours') {
      forget(key);
      return {};
    }
    if (definition.heldBy !== undefined) {
      await releaseFinalizer(client, definition, log, { signal });
      return {};
    }

    const state = stateOf(key, definition);
    const namespace = namespaces.get(definition.namespace);
    const settled = checkDefinition(definition, named, namespace, { namespaces: scope, isOptedIn });
    if (settled === undefined) {
      const wasFailing = state.isFailing;
      const outcome = await reconcileDefinition(definition, named.found, state, { signal });
      if (wasFailing && !state.isFailing) wakeFailing(named.found);
      return outcome;
    }
    await publish(definition, state, settled, undefined, { signal });
    return {};
  }

  function stateOf(key: string, definition: Definition): SyncState {
    const known = states.get(key);
    if (known?.uid === definition.uid) return known;
    // Not all at once, after a change of leaders.
    const lookAgainAt = clock.now() + driftCheckMs * random();
    const overdueMs = (intervalMs: number) => Math.min(OVERDUE_MS, intervalMs) * random();
    const state = initialState(definition, { now: clock.date(), lookAgainAt, overdueMs });
    states.set(key, state);
    return state;
  }

  function forget(key: string): void {
    if (!states.delete(key)) return;
    const [namespace = '', name = ''] = key.split('/');
    metrics.forget(namespace, name);
  }

  function stillMakes({ namespace, name }: TargetPlace): StillMakes {
    return (externalSecret) => {
      const other = definitions.all().get(objectKey(namespace, externalSecret));
      return other !== undefined && other.spec.target.name === name && placeOf(other).extent === 'whole';
    };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
