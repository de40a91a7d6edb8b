import { MONTHS, parseLayout, WEEKDAYS } from './go-time-layout.ts';
import { clockOf, type GoTime, offsetOf, secondsOf } from './go-time.ts';

type Clock = ReturnType<typeof clockOf>;

/** Go's time.Format. Layout and result are byte strings. */
export function formatTime(time: GoTime, layout: string): string {
  const clock = clockOf(time);
  return parseLayout(layout)
    .map(({ isElement, text }) => (isElement ? formatElement(text, clock, time) : text))
    .join('');
}

/** Go's time.String, without the reading of the monotonic clock that it adds to `now`. */
export function printTime(time: GoTime): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST');
}

function formatElement(element: string, clock: Clock, time: GoTime): string {
  if (/^[-Z]07/.test(element)) return formatOffset(element, offsetOf(time));
  if (/^[.,]/.test(element)) return formatFraction(element, clock.nanosecond);
  return element === 'MST' ? formatName(time) : formatClock(element, clock);
}

function formatClock(element: string, { year, month, day, hour, minute, second, weekday, yearDay }: Clock): string {
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  switch (element) {
    case '2006':
      return pad(year, 4);
    case '06':
      return pad(Math.abs(year) % 100, 2);
    case 'January':
      return MONTHS[month - 1] ?? '';
    case 'Jan':
      return (MONTHS[month - 1] ?? '').slice(0, 3);
    case 'Monday':
      return WEEKDAYS[weekday] ?? '';
    case 'Mon':
      return (WEEKDAYS[weekday] ?? '').slice(0, 3);
    case '_2':
      return String(day).padStart(2);
    case '__2':
      return String(yearDay).padStart(3);
    case '002':
      return pad(yearDay, 3);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    case '15':
      return pad(hour, 2);
    default:
      return pad([month, day, hour12, minute, second][Number(element) - 1] ?? 0, element.length);
  }
}

function formatFraction(element: string, nanosecond: number): string {
  const digits = pad(nanosecond, 9).slice(0, element.length - 1);
  if (element[1] === '0') return `${element[0] ?? ''}${digits}`;
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : `${element[0] ?? ''}${trimmed}`;
}

/** `-07:00` and its forms; those with a Z write it for UTC. */
function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const colon = element.includes(':') ? ':' : '';
  const size = Math.abs(offset);
  const parts = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60].map((part) => pad(part, 2));
  const length = (element.replaceAll(':', '').length - 1) / 2;
  return (Math.trunc(offset / 60) < 0 ? '-' : '+') + parts.slice(0, length).join(colon);
}

function formatName(time: GoTime): string {
  const name = time.zone.abbreviation(Number(secondsOf(time)));
  return name === '' ? formatOffset('-0700', offsetOf(time)) : name;
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');
}
