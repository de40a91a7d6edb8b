import { daysInMonth, isLeapYear } from './civil-date.ts';
import { parseLayout } from './go-time-layout.ts';
import { type GoTime, nanosecondsOf, SECOND_NS } from './go-time.ts';
import { readElement } from './read-time-element.ts';
import type { TimeFields } from './time-fields.ts';
import { fixedZone, UTC } from './time-zone.ts';

/** Go's time.ParseInLocation with UTC as the place. `undefined` for what does not fit the layout. Both are byte strings. */
export function parseTime(layout: string, text: string): GoTime | undefined {
  const fields: TimeFields = { year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0, isUtc: false, zoneName: '' };
  const parts = parseLayout(layout);
  let rest: string | undefined = text;
  for (const [index, part] of parts.entries()) {
    rest = part.isElement
      ? readElement(part.text, rest, fields, parts[index + 1]?.text ?? '')
      : skipText(part.text, rest);
    if (rest === undefined) return undefined;
  }
  return rest === '' ? toTime(fields) : undefined;
}

/** Any number of spaces fits any other number, also none at the end. */
function skipText(expected: string, text: string): string | undefined {
  let value = text;
  for (const run of expected.match(/ +|[^ ]+/g) ?? []) {
    if (run.startsWith(' ')) {
      if (value !== '' && !value.startsWith(' ')) return undefined;
      value = value.replace(/^ +/, '');
    } else {
      if (!value.startsWith(run)) return undefined;
      value = value.slice(run.length);
    }
  }
  return value;
}

function toTime(fields: TimeFields): GoTime | undefined {
  const date = fields.yearDay === undefined ? fields : dayOfYear(fields, fields.yearDay);
  const { month = 1, day = 1 } = date ?? {};
  if (date === undefined || day < 1 || day > daysInMonth(fields.year, month)) return undefined;
  const nanoseconds = nanosecondsOf({ ...fields, month, day, hour: hourOf(fields) });
  const { isUtc, offset, zoneName } = fields;
  if (isUtc) return { nanoseconds, zone: UTC };
  if (offset !== undefined) {
    const isLocal = offset === 0 && (zoneName === '' || zoneName === 'UTC');
    const zone = isLocal ? UTC : fixedZone(zoneName, offset);
    return { nanoseconds: nanoseconds - BigInt(offset) * SECOND_NS, zone };
  }
  return { nanoseconds, zone: zoneName === '' ? UTC : fixedZone(zoneName, offsetByName(zoneName)) };
}

function hourOf({ hour, half }: TimeFields): number {
  if (half === 'PM' && hour < 12) return hour + 12;
  return half === 'AM' && hour === 12 ? 0 : hour;
}

/** `undefined` where month or day say something else. */
function dayOfYear({ year, month, day }: TimeFields, yearDay: number): { month: number; day: number } | undefined {
  if (yearDay < 1 || yearDay > (isLeapYear(year) ? 366 : 365)) return undefined;
  let ofMonth = yearDay;
  let inMonth = 1;
  while (ofMonth > daysInMonth(year, inMonth)) {
    ofMonth -= daysInMonth(year, inMonth);
    inMonth += 1;
  }
  const fits = (month ?? inMonth) === inMonth && (day ?? ofMonth) === ofMonth;
  return fits ? { month: inMonth, day: ofMonth } : undefined;
}

/** Names are not known without a place; only `GMT+3` says what it means, and yet is not subtracted. */
function offsetByName(name: string): number {
  return /^GMT[-+]/.test(name) ? Number(name.slice(3)) * 3600 : 0;
}
