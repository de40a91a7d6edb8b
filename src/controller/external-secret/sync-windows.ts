import { Cron } from 'croner';
import { parseDurationMs } from '../../duration.ts';
import type { SyncWindows } from '../../externalsecrets/definition.ts';

/** Whether periodic refresh may happen at that moment. Both ends of a window count as inside. */
export function mayRefresh(windows: SyncWindows | undefined, at: Date): boolean {
  if (windows === undefined || windows.windows.length === 0) return true;
  const isInside = windows.windows.some(({ schedule, durationMs }) => isOpen(schedule, durationMs, at));
  return windows.kind === 'allow' ? isInside : !isInside;
}

/** Open when it began at most its duration ago. A schedule that cannot be read opens no window. */
function isOpen(schedule: string, durationMs: number, at: Date): boolean {
  const every = /^@every (.+)$/.exec(schedule.trim())?.[1];
  // Go's cron begins such a window whenever it is asked.
  if (every !== undefined) return (parseDurationMs(every) ?? Number.POSITIVE_INFINITY) <= durationMs;
  try {
    const cron = new Cron(schedule.trim(), { timezone: 'UTC', mode: '5-part', paused: true });
    const began = cron.nextRun(new Date(at.getTime() - durationMs - 1));
    return began !== null && began <= at;
  } catch {
    return false;
  }
}
