import type { StoredTarget } from '../../delivery/target.ts';
import { isAltered } from '../../delivery/target-drift.ts';
import type { TargetWriter } from '../../delivery/target-writer.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Definition } from '../../externalsecrets/definition.ts';
import { syncedVersion } from '../../externalsecrets/synced-version.ts';
import type { Call } from '../../identity/store-identity.ts';
import type { Clock } from '../../kube/clock.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Log } from '../../log.ts';
import type { Store } from '../../stores/store.ts';
import { storeKey } from '../../stores/store-key.ts';
import type { RunOutcome } from '../work-queue.ts';
import type { ExternalSecretMetrics } from './external-secret-metrics.ts';
import type { PublishStatus } from './publish-status.ts';
import { DELETED, failed, MISSING, SYNCED } from './ready.ts';
import { isRefreshDue, nextRefresh } from './refresh-policy.ts';
import type { SyncState } from './sync-state.ts';
import type { Happening, Synced, SyncTarget } from './sync-target.ts';
import { placeOf } from './target-of.ts';

/** Syncs one ExternalSecret that is ours and in order, where that is due. Rejects where it has to be tried again. */
export type ReconcileDefinition = (
  definition: Definition,
  stores: readonly Store[],
  state: SyncState,
  call: Call,
) => Promise<RunOutcome>;

export interface ReconcileDefinitionOptions {
  readonly sync: SyncTarget;
  readonly writer: Pick<TargetWriter, 'look'>;
  readonly publish: PublishStatus;
  readonly events: EventRecorder;
  readonly metrics: ExternalSecretMetrics;
  readonly driftCheckMs: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Whether somebody else's target has become free is looked at this often; it is one small request. */
const TAKEN_RETRY_MS = 10_000;
/** So that a window that opens is not missed by much. */
const CLOSED_WINDOW_MS = 60_000;
const SETTLED: readonly string[] = [SYNCED, DELETED, MISSING].map(({ reason }) => reason);

export function createReconcileDefinition(options: ReconcileDefinitionOptions): ReconcileDefinition {
  const { sync, writer, publish, events, metrics, driftCheckMs, log, clock, random } = options;

  return async (definition, stores, state, call) => {
    const version = syncedVersion(definition);
    const read = stores.map(fingerprint).join();
    // What a store was like before this process began, nobody knows.
    state.refresh.stores ??= read;
    const isStoreChanged = state.refresh.stores !== read;
    const isDue = isRefreshDue(definition, version, { ...state.refresh, isStoreChanged }, clock.date());
    if (!isDue && isSettled(state) && !(await hasDrifted(definition, state, call))) {
      return { again: nextLookMs(definition, state) };
    }

    const startedAt = clock.now();
    const at = clock.date();
    let synced: Synced;
    try {
      synced = await sync(definition, state, call);
    } catch (thrown) {
      // Cut off, not refused.
      if (call.signal.aborted) throw thrown;
      return fail(definition, state, LatchkeyError.from(thrown), startedAt, call);
    }
    const { ready, target, happened } = synced;
    state.target = target;
    state.isFailing = false;
    state.isTargetTaken = false;
    lookLater(state);
    const isNews = await publish(definition, state, ready, { version, at, binding: target?.name }, call);
    // Only now: what could not be said is tried again as a whole.
    state.refresh = { version, at, dueAt: nextRefresh(definition, at, random), stores: read };
    announce(definition, happened, isNews);
    const { namespace, name } = definition;
    metrics.synced(namespace, name, { isReady: true, failed: false, ms: clock.now() - startedAt });
    return { again: nextLookMs(definition, state) };
  };

  async function fail(
    definition: Definition,
    state: SyncState,
    error: LatchkeyError,
    startedAt: number,
    call: Call,
  ): Promise<RunOutcome> {
    const { namespace, name } = definition;
    metrics.synced(namespace, name, { isReady: false, failed: true, ms: clock.now() - startedAt });
    state.isFailing = true;
    state.isTargetTaken = error.code === 'TARGET_CONFLICT';
    const ready = failed(error);
    if (await publish(definition, state, ready, undefined, call)) {
      tell(definition, 'Warning', 'UpdateFailed', ready.message);
    }
    if (!state.isTargetTaken) throw error;
    log.info({ err: error, namespace, externalSecret: name }, 'the target of an ExternalSecret is taken');
    return { again: TAKEN_RETRY_MS * (0.5 + random()) };
  }

  /** Whether the Secret is not as we left it. Without the right to watch Secrets, this is asked from time to time. */
  async function hasDrifted(definition: Definition, state: SyncState, call: Call): Promise<boolean> {
    const { target } = state;
    if (!isWatched(definition, state) || clock.now() < state.lookAgainAt) return false;
    lookLater(state);
    const place = placeOf(definition);
    const stored = await lookAt(definition, call);
    if (target === undefined) return stored !== undefined;
    if (stored === undefined || stored === 'taken') return true;
    if (stored.resourceVersion === target.stored?.resourceVersion) return false;
    if (isAltered(place, stored, target.keys)) return true;
    state.target = { ...target, stored };
    return false;
  }

  async function lookAt(definition: Definition, call: Call): Promise<StoredTarget | 'taken' | undefined> {
    try {
      return await writer.look(placeOf(definition), call);
    } catch (thrown) {
      if (LatchkeyError.from(thrown).code === 'TARGET_CONFLICT') return 'taken';
      throw thrown;
    }
  }

  function nextLookMs(definition: Definition, state: SyncState): number | undefined {
    const { dueAt } = state.refresh;
    const dueMs = dueAt === undefined ? undefined : Math.max(dueAt.getTime() - clock.date().getTime(), 0);
    // Due already and yet not done: a window is closed.
    const refreshMs = dueMs === 0 ? CLOSED_WINDOW_MS : dueMs;
    const lookMs = isWatched(definition, state) ? Math.max(state.lookAgainAt - clock.now(), 0) : undefined;
    const waits = [refreshMs, lookMs].filter((ms) => ms !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  function lookLater(state: SyncState): void {
    state.lookAgainAt = clock.now() + driftCheckMs * (0.9 + 0.2 * random());
  }

  function announce(definition: Definition, happened: readonly Happening[], isNews: boolean): void {
    for (const { reason, message } of happened) {
      // The same thing at each refresh is no news.
      if (reason !== 'MissingProviderSecret' || isNews || happened.length > 1)
        tell(definition, 'Normal', reason, message);
    }
  }

  function tell(definition: Definition, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { apiVersion, namespace, name, uid } = definition;
    const regarding = { apiVersion, kind: 'ExternalSecret', namespace, name, uid };
    events.event({ regarding, type, reason, action: 'Sync', message });
    log.info({ namespace, externalSecret: name, reason }, 'ExternalSecret changed');
  }
}

/** Whether the Secret's state between refreshes is ours to keep: Orphan's is not, and Merge waits for it to appear. */
function isWatched({ spec }: Definition, { target, status }: SyncState): boolean {
  const { creationPolicy, name } = spec.target;
  if (creationPolicy === 'Owner' || creationPolicy === 'CreateOrMerge') return target?.name === name;
  return creationPolicy === 'Merge' && (target?.name === name || status.ready?.reason === 'SecretMissing');
}

/** Whether the last that was said is the end of a sync that succeeded, and not of one that failed or was not begun. */
function isSettled({ status }: SyncState): boolean {
  const { reason = '' } = status.ready ?? {};
  return SETTLED.includes(reason);
}

function fingerprint({ kind, namespace, name, uid, generation }: Store): string {
  return `${storeKey(kind, namespace, name)}@${uid}:${generation}`;
}
