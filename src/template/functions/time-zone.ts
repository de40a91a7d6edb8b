import { abbreviate, offsetSeconds } from './zone-abbreviation.ts';

export interface Zone {
  /** Seconds east of UTC at a moment, which is given in seconds since 1970. */
  offset(at: number): number;
  /** What the zone is called then; empty where it is only an offset. */
  abbreviation(at: number): string;
}

const MAX_SECONDS = 8.64e12; // as far as JavaScript's Date reaches

export const UTC: Zone = fixedZone('UTC', 0);

export function fixedZone(name: string, seconds: number): Zone {
  return { offset: () => seconds, abbreviation: () => name };
}

/** A zone of the time zone database by its exact name. `undefined` where there is none. Here, `Local` is UTC. */
export function findZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return UTC;
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return undefined;
  const timeZone = resolve(name);
  // Go's names are those of files, and tell capital letters from small ones.
  if (timeZone === undefined || (timeZone !== name && timeZone.toLowerCase() === name.toLowerCase())) return undefined;
  return {
    offset: (at) => offsetSeconds(timeZone, dateAt(at)),
    abbreviation: (at) => abbreviate(timeZone, dateAt(at), offsetSeconds(timeZone, dateAt(at))),
  };
}

function resolve(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function dateAt(seconds: number): Date {
  return new Date(Math.min(Math.max(seconds, -MAX_SECONDS), MAX_SECONDS) * 1000);
}
