import { TemplateError } from '../template-error.ts';
import type { Evaluation, FunctionTable, ParamType, TemplateFunction } from '../template-function.ts';
import { GoInt, type GoValue } from '../value.ts';
import { spendBytes, textAt, valueAt } from './arguments.ts';
import { formatTime } from './format-time.ts';
import { formatGoDuration, parseGoDuration, roundDuration } from './go-duration.ts';
import { type GoTime, SECOND_NS, secondsOf } from './go-time.ts';
import { parseInteger } from './parse-integer.ts';
import { parseTime } from './parse-time.ts';
import { findZone, UTC } from './time-zone.ts';
import { timeOf, timeValue, ZERO_TIME } from './time-value.ts';

// Errors of dates do not repeat what they were given: it may be secret.

const HTML_LAYOUT = '2006-01-02';
/** Go's local zone is UTC in a container, and here always: what a template gives must not depend on where it runs. */
const LOCAL = 'Local';
const ZONE_STEPS = 50; // Intl takes its time

const dateInZone: TemplateFunction = {
  params: ['string', 'any', 'string'],
  call: (args, evaluation) => inZone(textAt(args, 0), valueAt(args, 1), textAt(args, 2), evaluation),
};
const dateModify = modifier((time) => time);
const mustDateModify = modifier(() => {
  throw new TemplateError('invalid duration');
});

export const DATE_FUNCTIONS: FunctionTable = {
  now: { params: [], call: (_, evaluation) => timeValue(nowOf(evaluation)) },
  date: {
    params: ['string', 'any'],
    call: (args, evaluation) => inZone(textAt(args, 0), valueAt(args, 1), LOCAL, evaluation),
  },
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: {
    params: ['any'],
    call: (args, evaluation) => inZone(HTML_LAYOUT, valueAt(args, 0), LOCAL, evaluation),
  },
  htmlDateInZone: {
    params: ['any', 'string'],
    call: (args, evaluation) => inZone(HTML_LAYOUT, valueAt(args, 0), textAt(args, 1), evaluation),
  },
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  toDate: parser(() => ZERO_TIME),
  mustToDate: parser(() => {
    throw new TemplateError('invalid date');
  }),
  unixEpoch: { params: ['time'], call: ([time]) => String(secondsOf(timeOf(time ?? null) ?? ZERO_TIME)) },
  ago: {
    params: ['any'],
    call: ([value], evaluation) => {
      const now = nowOf(evaluation);
      const time = isInt(value, 'int', 'int64') ? atSeconds(value) : (timeOf(value ?? null) ?? now);
      return formatGoDuration(roundDuration(now.nanoseconds - time.nanoseconds, SECOND_NS));
    },
  },
  duration: { params: ['any'], call: ([value]) => formatGoDuration(BigInt.asIntN(64, secondsIn(value) * SECOND_NS)) },
  durationRound: {
    params: ['any'],
    call: ([value], evaluation) => roughly(durationIn(value, nowOf(evaluation))),
  },
};

function modifier(onBadDuration: (time: GoTime) => GoTime): TemplateFunction {
  return {
    params: ['string', 'time'],
    call: (args) => {
      const time = timeOf(valueAt(args, 1)) ?? ZERO_TIME;
      const duration = parseGoDuration(textAt(args, 0));
      if (duration === undefined) return timeValue(onBadDuration(time));
      return timeValue({ ...time, nanoseconds: time.nanoseconds + duration });
    },
  };
}

function parser(onBadDate: () => GoTime): TemplateFunction {
  const params: readonly ParamType[] = ['string', 'string'];
  return {
    params,
    call: (args, evaluation) => {
      const [layout, text] = [textAt(args, 0), textAt(args, 1)];
      spendBytes(evaluation, layout.length + text.length);
      return timeValue(parseTime(layout, text) ?? onBadDate());
    },
  };
}

/** What is no time is now; a zone that does not exist is UTC. */
function inZone(layout: string, value: GoValue, zoneName: string, evaluation: Evaluation): string {
  evaluation.spend(ZONE_STEPS + layout.length);
  const time = isInt(value, 'int', 'int32', 'int64') ? atSeconds(value) : (timeOf(value) ?? nowOf(evaluation));
  return formatTime({ ...time, zone: findZone(zoneName) ?? UTC }, layout);
}

function nowOf({ now }: Evaluation): GoTime {
  return { nanoseconds: BigInt(now.getTime()) * 1_000_000n, zone: UTC };
}

function atSeconds({ value }: GoInt): GoTime {
  return { nanoseconds: value * SECOND_NS, zone: UTC };
}

function isInt(value: GoValue | undefined, ...kinds: readonly string[]): value is GoInt {
  return value instanceof GoInt && kinds.includes(value.kind);
}

/** Only text and int64 count; an int, as written in a template, is none. */
function secondsIn(value: GoValue | undefined): bigint {
  if (typeof value === 'string') return parseInteger(value, 10).value;
  return isInt(value, 'int64') ? value.value : 0n;
}

function durationIn(value: GoValue | undefined, now: GoTime): bigint {
  if (typeof value === 'string') return parseGoDuration(value) ?? 0n;
  if (isInt(value, 'int64')) return value.value;
  const time = timeOf(value ?? null);
  return time === undefined ? 0n : BigInt.asIntN(64, now.nanoseconds - time.nanoseconds);
}

const HOUR = 3600n * SECOND_NS;
const UNITS: readonly (readonly [bigint, string])[] = [
  [HOUR * 24n * 365n, 'y'],
  [HOUR * 24n * 30n, 'mo'],
  [HOUR * 24n, 'd'],
  [HOUR, 'h'],
  [60n * SECOND_NS, 'm'],
  [SECOND_NS, 's'],
];

/** The largest unit that it is more than one of; the sign is lost. */
function roughly(duration: bigint): string {
  const size = duration < 0n ? -duration : duration;
  const [unit, name] = UNITS.find(([least]) => size > least) ?? [undefined, ''];
  return unit === undefined ? '0s' : `${size / unit}${name}`;
}
