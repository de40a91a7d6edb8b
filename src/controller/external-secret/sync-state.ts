import type { StoredTarget } from '../../delivery/target.ts';
import type { Definition, ReadyStatus } from '../../externalsecrets/definition.ts';

/** What the controller keeps in memory of one ExternalSecret while it leads. */
export interface SyncState {
  readonly uid: string;
  /** Of the last refresh that succeeded. */
  refresh: {
    readonly version: string;
    readonly at: Date | undefined;
    readonly dueAt: Date | undefined;
    /** The stores it read, with their generations; unknown after a restart. */
    stores: string | undefined;
  };
  /** The Secret as we left it; absent where there should be none. */
  target: WrittenTarget | undefined;
  /** `clock.now()` from which on the Secret is looked at again; what wakes the definition up before is no reason to. */
  lookAgainAt: number;
  /** What stands in the object's status. */
  status: WrittenStatus;
  /** The last sync failed. */
  isFailing: boolean;
  /** The target is somebody else's: it is looked at before anything is fetched. */
  isTargetTaken: boolean;
}

export interface WrittenTarget {
  readonly name: string;
  /** Unknown after a restart. */
  readonly stored: StoredTarget | undefined;
  readonly keys: readonly string[] | undefined;
  readonly digest: string | undefined;
}

export interface WrittenStatus {
  readonly ready: ReadyStatus | undefined;
  readonly version: string;
  readonly refreshTime: Date | undefined;
  readonly binding: string | undefined;
}

export interface Start {
  readonly now: Date;
  readonly lookAgainAt: number;
  /** Spreads what is overdue already. */
  readonly overdueMs: (intervalMs: number) => number;
}

/** What an earlier process left in the status. */
export function initialState(definition: Definition, { now, lookAgainAt, overdueMs }: Start): SyncState {
  const { uid, status, spec } = definition;
  const { syncedResourceVersion: version, refreshTime: at, ready, binding } = status;
  const due = at === undefined ? undefined : at.getTime() + spec.refreshIntervalMs;
  const isOverdue = due !== undefined && due < now.getTime();
  const name = ready?.reason === 'SecretSynced' ? binding : undefined;
  return {
    uid,
    refresh: {
      version,
      at,
      dueAt: isOverdue
        ? new Date(now.getTime() + overdueMs(spec.refreshIntervalMs))
        : due === undefined
          ? due
          : new Date(due),
      stores: undefined,
    },
    target: name === undefined ? undefined : { name, stored: undefined, keys: undefined, digest: undefined },
    lookAgainAt,
    status: { ready, version, refreshTime: at, binding },
    isFailing: false,
    isTargetTaken: false,
  };
}
