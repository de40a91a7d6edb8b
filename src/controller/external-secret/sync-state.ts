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
    readonly stores: string | undefined;
  };
  /** The Secret as we left it; absent where there should be none. */
  target: WrittenTarget | undefined;
  /** What stands in the object's status. */
  status: WrittenStatus;
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

/** What an earlier process left in the status. `overdueMs` spreads what is overdue already. */
export function initialState(definition: Definition, now: Date, overdueMs: (intervalMs: number) => number): SyncState {
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
    status: { ready, version, refreshTime: at, binding },
    isTargetTaken: false,
  };
}
