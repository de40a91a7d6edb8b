const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const GROUP = 8;

/** RFC 4648 with padding, of a byte string. */
export function encodeBase32(bytes: string): string {
  const groups = bytes.match(/[^]{1,5}/g) ?? [];
  return groups.map(encodeGroup).join('');
}

function encodeGroup(bytes: string): string {
  return regroup(
    Array.from(bytes, (byte) => byte.charCodeAt(0)),
    8,
    5,
  )
    .map((digit) => ALPHABET.charAt(digit))
    .join('')
    .padEnd(GROUP, '=');
}

/**
 * Go's base32.StdEncoding: padding is wanted, line ends are left out before offsets are counted, and what follows the
 * padding is not looked at. Gives a byte string, or the offset of the byte at which Go sees that the text is none.
 */
export function decodeBase32(text: string): string | number {
  const source = text.replaceAll(/[\r\n]/g, '');
  let decoded = '';
  for (let at = 0; at < source.length; at += GROUP) {
    const padding = findPadding(source, at);
    const group = source.slice(at, padding ?? at + GROUP);
    const wrong = Array.from(group).findIndex((digit) => !ALPHABET.includes(digit));
    if (wrong >= 0) return at + wrong;
    if (padding !== undefined) {
      const mistake = findPaddingMistake(source, at, padding);
      return mistake ?? decoded + decodeGroup(group);
    }
    if (group.length < GROUP) return source.length - group.length;
    decoded += decodeGroup(group);
  }
  return decoded;
}

/** Only in the last eight bytes and after two digits is the sign padding, elsewhere it is no digit. */
function findPadding(source: string, at: number): number | undefined {
  for (let next = at + 2; next < at + GROUP && next < source.length; next += 1) {
    if (source[next] === '=' && source.length - next - 1 < GROUP) return next;
  }
  return undefined;
}

function findPaddingMistake(source: string, at: number, padding: number): number | undefined {
  if (source.length < at + GROUP) return source.length;
  for (let next = padding + 1; next < at + GROUP; next += 1) {
    if (source[next] !== '=') return next - 1;
  }
  const digits = padding - at;
  return digits === 3 || digits === 6 ? padding : undefined;
}

function decodeGroup(digits: string): string {
  const values = Array.from(digits, (digit) => ALPHABET.indexOf(digit));
  const whole = Math.floor((digits.length * 5) / 8);
  return String.fromCharCode(...regroup(values, 5, 8).slice(0, whole));
}

/** Numbers of so many bits as numbers of others; zeros fill the last. */
function regroup(numbers: readonly number[], from: number, to: number): number[] {
  const regrouped: number[] = [];
  let kept = 0;
  let bits = 0;
  for (const number of numbers) {
    kept = (kept << from) | number;
    bits += from;
    for (; bits >= to; bits -= to) regrouped.push((kept >> (bits - to)) & ((1 << to) - 1));
    kept &= (1 << bits) - 1;
  }
  if (bits > 0) regrouped.push((kept << (to - bits)) & ((1 << to) - 1));
  return regrouped;
}
