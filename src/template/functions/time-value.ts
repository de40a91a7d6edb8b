import { GoInt, GoStruct, type GoValue } from '../value.ts';
import { formatTime, printTime } from './format-time.ts';
import { MONTHS, WEEKDAYS } from './go-time-layout.ts';
import { clockOf, type GoTime, secondsOf } from './go-time.ts';
import { UTC } from './time-zone.ts';

/** What `toDate` gives for what is none: the year 1. */
export const ZERO_TIME: GoTime = { nanoseconds: -62_135_596_800_000_000_000n, zone: UTC };

/** A time.Time as templates see it, with those of its methods that take nothing but text. */
export function timeValue(time: GoTime): GoStruct {
  const clock = clockOf(time);
  const seconds = secondsOf(time);
  return new GoStruct('time.Time', {
    text: printTime(time),
    native: time,
    methods: [
      ['Format', ([layout]) => (typeof layout === 'string' ? formatTime(time, layout) : '')],
      ['String', () => printTime(time)],
      ['UTC', () => timeValue({ ...time, zone: UTC })],
      ['Local', () => timeValue({ ...time, zone: UTC })],
      ['Unix', () => new GoInt(seconds, 'int64')],
      ['UnixMilli', () => new GoInt(time.nanoseconds / 1_000_000n, 'int64')],
      ['UnixNano', () => new GoInt(time.nanoseconds, 'int64')],
      ['Year', () => new GoInt(clock.year)],
      ['Month', () => named('time.Month', MONTHS[clock.month - 1])],
      ['Day', () => new GoInt(clock.day)],
      ['Weekday', () => named('time.Weekday', WEEKDAYS[clock.weekday])],
      ['YearDay', () => new GoInt(clock.yearDay)],
      ['Hour', () => new GoInt(clock.hour)],
      ['Minute', () => new GoInt(clock.minute)],
      ['Second', () => new GoInt(clock.second)],
      ['Nanosecond', () => new GoInt(clock.nanosecond)],
      ['IsZero', () => time.nanoseconds === ZERO_TIME.nanoseconds],
    ],
  });
}

/** The moment in a value, where it is a time.Time. */
export function timeOf(value: GoValue): GoTime | undefined {
  return value instanceof GoStruct && value.type === 'time.Time' ? nativeOf(value) : undefined;
}

function nativeOf({ native }: GoStruct): GoTime | undefined {
  return isTime(native) ? native : undefined;
}

function isTime(native: unknown): native is GoTime {
  return typeof native === 'object' && native !== null && 'nanoseconds' in native && 'zone' in native;
}

function named(type: string, text = ''): GoStruct {
  return new GoStruct(type, { text });
}
