import type { Budget } from './budget.ts';

/**
 * `*` is any run of characters, `?` one character, `\` takes the next one literally. One retry point is enough, since a
 * later star can stand in for an earlier one, so the worst case is text times pattern and not exponential.
 */
export function matchesWildcard(text: string, pattern: string, budget: Budget): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    if (pattern[part] === '*') {
      star = part;
      retry = at;
      part += 1;
      continue;
    }
    const width = matchOne(text, at, pattern, part);
    if (width > 0) {
      at += width;
      part += pattern[part] === '\\' ? 2 : 1;
      continue;
    }
    if (star === -1) return false;
    budget.spend(at - retry + 1);
    retry += 1;
    at = retry;
    part = star + 1;
  }
  while (pattern[part] === '*') part += 1;
  return part === pattern.length;
}

/** How many bytes of the text the pattern's next item takes; 0 where they differ. */
function matchOne(text: string, at: number, pattern: string, part: number): number {
  const item = pattern[part];
  if (item === '?') return characterWidth(text.charCodeAt(at));
  if (item === '\\') return pattern[part + 1] === text[at] ? 1 : 0;
  return item === text[at] ? 1 : 0;
}

/** Length of a UTF-8 character by its first byte. */
function characterWidth(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
