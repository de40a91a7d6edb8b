/** Without the white space and control characters around it. By hand: `/\s+$/` takes quadratic time on a long run inside. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= SPACE) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= SPACE) end -= 1;
  return text.slice(start, end);
}

const SPACE = 0x20;
