import type { Definition } from '../../externalsecrets/definition.ts';
import { isOnce } from '../../externalsecrets/is-once.ts';
import { mayRefresh } from './sync-windows.ts';

/** What is known of the last refresh, from this process or from the status that another left. */
export interface LastRefresh {
  /** `syncedVersion` of the definition that was synced; empty before the first time. */
  readonly version: string;
  readonly at: Date | undefined;
  /** When periodic refresh is due; absent where it was not planned by this process. */
  readonly dueAt?: Date | undefined;
  /** A store that was read has changed since. */
  readonly isStoreChanged: boolean;
}

/** Share of the interval by which a refresh comes early, so that what was synced together is not read together for ever. */
const JITTER = 0.1;

/** External Secrets' rules, and one more: a store that changed is read at once, where the definition follows changes at all. */
export function isRefreshDue({ spec }: Definition, version: string, last: LastRefresh, now: Date): boolean {
  if (last.version === '' || last.at === undefined) return true;
  if (isOnce(spec)) return false;
  if (last.version !== version || last.isStoreChanged) return true;
  if (spec.refreshPolicy === 'OnChange') return false;
  const isDue = last.at > now || now >= (last.dueAt ?? new Date(last.at.getTime() + spec.refreshIntervalMs));
  return isDue && mayRefresh(spec.syncWindows, now);
}

/** When a definition that was refreshed just now is next; `undefined` where it never is by itself. */
export function nextRefresh({ spec }: Definition, at: Date, random: () => number): Date | undefined {
  if (isOnce(spec) || spec.refreshPolicy === 'OnChange') return undefined;
  return new Date(at.getTime() + spec.refreshIntervalMs * (1 - JITTER * random()));
}
