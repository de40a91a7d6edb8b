/** A piece of a Go time layout: an element such as `2006`, or text that stands for itself. */
export interface LayoutPart {
  readonly isElement: boolean;
  readonly text: string;
}

/** In the order in which Go tries them at each place. */
const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm|[-Z]07(?:0000|:00:00|00|:00|)|[.,](?:0+|9+)(?![0-9])/g;

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

/** Takes a layout to pieces, in order. */
export function parseLayout(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = [];
  let end = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    if (match.index > end) parts.push({ isElement: false, text: layout.slice(end, match.index) });
    parts.push({ isElement: true, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < layout.length) parts.push({ isElement: false, text: layout.slice(end) });
  return parts;
}
