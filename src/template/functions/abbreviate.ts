const MARK = '...';

/**
 * At most `width` bytes of a text, with dots for what is left out on either side (the package goutils). The byte at
 * `offset` is among them, though not always the first.
 */
export function abbreviate(text: string, offset: number, width: number): string {
  if (text.length <= width) return text;
  const kept = width - MARK.length;
  const start = Math.min(offset, text.length - kept);
  if (start <= 4) return text.slice(0, kept) + MARK;
  if (start + kept >= text.length) return MARK + text.slice(-kept);
  return MARK + abbreviate(text.slice(start), 0, kept);
}
