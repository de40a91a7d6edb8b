import { dateOf, daysOf, type CivilDate } from './civil-date.ts';
import type { Zone } from './time-zone.ts';

/** A moment, in nanoseconds since 1970 UTC, and where it is looked at from. */
export interface GoTime {
  readonly nanoseconds: bigint;
  readonly zone: Zone;
}

/** What the clock on the wall says. */
export interface ClockTime extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

export const SECOND_NS = 1_000_000_000n;
const DAY_SECONDS = 86_400;

export function secondsOf({ nanoseconds }: GoTime): bigint {
  return floorDivide(nanoseconds, SECOND_NS);
}

/** Seconds east of UTC. */
export function offsetOf(time: GoTime): number {
  return time.zone.offset(Number(secondsOf(time)));
}

export function clockOf(time: GoTime): ClockTime & { readonly weekday: number; readonly yearDay: number } {
  const seconds = Number(secondsOf(time)) + offsetOf(time);
  const days = Math.floor(seconds / DAY_SECONDS);
  const ofDay = seconds - days * DAY_SECONDS;
  const date = dateOf(days);
  return {
    ...date,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor((ofDay % 3600) / 60),
    second: ofDay % 60,
    nanosecond: Number(time.nanoseconds - floorDivide(time.nanoseconds, SECOND_NS) * SECOND_NS),
    weekday: (((days + 4) % 7) + 7) % 7, // 1970 began on a Thursday
    yearDay: days - daysOf({ year: date.year, month: 1, day: 1 }) + 1,
  };
}

/** Nanoseconds since 1970 of what the clock says at UTC. */
export function nanosecondsOf(clock: ClockTime): bigint {
  const seconds = daysOf(clock) * DAY_SECONDS + clock.hour * 3600 + clock.minute * 60 + clock.second;
  return BigInt(seconds) * SECOND_NS + BigInt(clock.nanosecond);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
