import { MONTHS, WEEKDAYS } from './go-time-layout.ts';
import type { TimeFields } from './time-fields.ts';
import { readOffset, readZoneName } from './read-time-zone.ts';

/** Reads one element of a layout from the beginning of a text. Gives what follows; `undefined` where it does not fit. */
export function readElement(element: string, text: string, fields: TimeFields, next: string): string | undefined {
  if (element === 'MST') return readZoneName(text, fields);
  if (/^[-Z]07/.test(element)) return readOffset(element, text, fields);
  if (/^[.,]/.test(element)) return readFraction(element, text, fields);
  if (/^(?:Jan|Mon)/.test(element)) return readName(element, text, fields);
  if (/^pm$/i.test(element)) return readHalf(element, text, fields);
  if (element === '2006' || element === '06') return readYear(element, text, fields);
  if (element.endsWith('02') && element.length === 3) return readYearDay(text, fields, /^[0-9]{3}/);
  if (element === '__2') return readYearDay(text.replace(/^ {1,2}/, ''), fields, /^[0-9]{1,3}/);
  return readNumber(element, text, fields, next);
}

function readYear(element: string, text: string, fields: TimeFields): string | undefined {
  const width = element.length === 4 ? 4 : 2;
  const digits = text.slice(0, width);
  if (!/^[0-9]+$/.test(digits) || digits.length < width) return undefined;
  const year = Number(digits);
  fields.year = width === 4 ? year : year + (year >= 69 ? 1900 : 2000);
  return text.slice(width);
}

function readYearDay(text: string, fields: TimeFields, pattern: RegExp): string | undefined {
  const digits = pattern.exec(text)?.[0];
  if (digits === undefined) return undefined;
  fields.yearDay = Number(digits);
  return text.slice(digits.length);
}

function readName(element: string, text: string, fields: TimeFields): string | undefined {
  const names = element.startsWith('Jan') ? MONTHS : WEEKDAYS;
  const isShort = element.length === 3;
  const index = names.findIndex((name) => startsWith(text, isShort ? name.slice(0, 3) : name));
  if (index < 0) return undefined;
  if (names === MONTHS) fields.month = index + 1;
  return text.slice(isShort ? 3 : names[index]?.length);
}

function startsWith(text: string, name: string): boolean {
  return text.slice(0, name.length).toLowerCase() === name.toLowerCase();
}

function readHalf(element: string, text: string, fields: TimeFields): string | undefined {
  const half = text.slice(0, 2);
  const isLower = element === 'pm';
  if (half !== (isLower ? 'am' : 'AM') && half !== (isLower ? 'pm' : 'PM')) return undefined;
  fields.half = half.toUpperCase() === 'AM' ? 'AM' : 'PM';
  return text.slice(2);
}

const RANGE: Readonly<
  Record<string, readonly [field: 'month' | 'day' | 'hour' | 'minute' | 'second', least: number, most: number]>
> = {
  '1': ['month', 1, 12],
  '2': ['day', 0, 99], // whether the month has it shows at the end
  '3': ['hour', 0, 12],
  '4': ['minute', 0, 59],
  '5': ['second', 0, 59],
  '15': ['hour', 0, 23],
};

function readNumber(element: string, text: string, fields: TimeFields, next: string): string | undefined {
  const value = element === '_2' ? text.replace(/^ /, '') : text;
  const digits = (element.startsWith('0') ? /^[0-9]{2}/ : /^[0-9]{1,2}/).exec(value)?.[0];
  const range = RANGE[element.replace(/^[0_]/, '')];
  if (digits === undefined || range === undefined) return undefined;
  const [field, least, most] = range;
  if (Number(digits) < least || Number(digits) > most) return undefined;
  fields[field] = Number(digits);
  const rest = value.slice(digits.length);
  // A fraction may follow the seconds without being in the layout.
  const isFraction = field === 'second' && /^[.,][0-9]/.test(rest) && !/^[.,](?:0+|9+)$/.test(next);
  return isFraction ? readFraction('.9', rest, fields) : rest;
}

/** A row of zeros wants as many digits; nines take any number of them, also none. */
function readFraction(element: string, text: string, fields: TimeFields): string | undefined {
  const isFixed = element[1] === '0';
  const found = isFixed ? text.slice(0, element.length) : (/^[.,][0-9]+/.exec(text)?.[0] ?? '');
  if (!isFixed && found === '') return text;
  if (found.length < element.length && isFixed) return undefined;
  const digits = found.slice(1, 10);
  if (!/^[.,]/.test(found) || !/^[0-9]+$/.test(digits)) return undefined;
  fields.nanosecond = Number(digits.padEnd(9, '0'));
  return text.slice(found.length);
}
