/** Letters by their code, numbers by their size, and letters behind everything else. */
export function naturally(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const [one = '', other = ''] = [a[at], b[at]];
    if (one === other) continue;
    const [isLetter, isOtherLetter] = [/\p{L}/u.test(one), /\p{L}/u.test(other)];
    if (isLetter && isOtherLetter) return one < other ? -1 : 1;
    if (isLetter || isOtherLetter) return isOtherLetter ? -1 : 1;
    return compareNumbers(a, b, at) || (one < other ? -1 : 1);
  }
  return a.length - b.length;
}

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  const [digits, others] = [digitsAt(a, at), digitsAt(b, at)];
  const isInNumber = (a[at] === '0' || b[at] === '0') && /[1-9]\d*$/.test(a.slice(0, at).join(''));
  const prefix = isInNumber ? '1' : '0';
  const [one, other] = [BigInt(prefix + digits), BigInt(prefix + others)];
  if (one !== other) return one < other ? -1 : 1;
  return digits.length - others.length;
}

function digitsAt(characters: readonly string[], at: number): string {
  return /^\d*/.exec(characters.slice(at).join(''))?.[0] ?? '';
}
