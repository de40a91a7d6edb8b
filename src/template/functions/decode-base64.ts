const ALPHABET = /^[A-Za-z0-9+/]$/;

/**
 * Go's base64.StdEncoding: padding is wanted, line ends are skipped. Gives a byte string, or the offset of the byte at
 * which Go sees that the text is none.
 */
export function decodeBase64(text: string): string | number {
  const offset = findMistake(text);
  return offset ?? Buffer.from(text, 'base64').toString('latin1');
}

function findMistake(text: string): number | undefined {
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  let at = 0;
  for (;;) {
    let digits = 0;
    for (; digits < 4; at += 1) {
      const byte = text[at];
      // The end of the text stands for the group that is not whole; its line ends count as well.
      if (byte === undefined) return digits === 0 ? undefined : at - digits;
      if (ALPHABET.test(byte)) digits += 1;
      else if (byte === '=') return findPaddingMistake(text, at, digits);
      else if (byte !== '\n' && byte !== '\r') return at;
    }
  }
}

function findPaddingMistake(text: string, at: number, digits: number): number | undefined {
  if (digits < 2) return at;
  let next = skipLineEnds(text, at + 1);
  if (digits === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next = skipLineEnds(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function skipLineEnds(text: string, from: number): number {
  let at = from;
  while (text[at] === '\n' || text[at] === '\r') at += 1;
  return at;
}
