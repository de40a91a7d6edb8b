const UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  '\xc2\xb5s': 1000n, // µ
  '\xce\xbcs': 1000n, // μ
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /([0-9]*)(?:\.([0-9]*))?([^.0-9]+)/y;
const SECOND = 1_000_000_000n;
const LIMIT = 2n ** 63n;

/** Reads a Go duration in a byte string (time.ParseDuration) as nanoseconds; `undefined` for what is none or too long. */
export function parseGoDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return 0n;
  if (body === '') return undefined;
  let total = 0n;
  PART.lastIndex = 0;
  while (PART.lastIndex < body.length) {
    const part = nanoseconds(PART.exec(body));
    if (part === undefined) return undefined;
    total += part;
    if (total > LIMIT) return undefined;
  }
  if (negative) return -total;
  return total < LIMIT ? total : undefined;
}

function nanoseconds(part: RegExpExecArray | null): bigint | undefined {
  const [, whole = '', fraction = '', name = ''] = part ?? [];
  const unit = Object.hasOwn(UNIT, name) ? UNIT[name] : undefined;
  if (unit === undefined || whole + fraction === '' || whole.length > 40) return undefined;
  // Eighteen digits after the point are more than the longest unit has.
  const digits = fraction.slice(0, 18);
  return BigInt(whole) * unit + (BigInt(digits) * unit) / 10n ** BigInt(digits.length);
}

/** Go's Duration.String: `1h15m30.5s`, `2ms`, `0s`. */
export function formatGoDuration(duration: bigint): string {
  if (duration === 0n) return '0s';
  const sign = duration < 0n ? '-' : '';
  const size = duration < 0n ? -duration : duration;
  if (size < SECOND) return sign + formatBelowSecond(size);
  const minutes = size / (60n * SECOND);
  const seconds = `${decimal(size % (60n * SECOND), 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function formatBelowSecond(size: bigint): string {
  if (size < 1000n) return `${size}ns`;
  return size < 1_000_000n ? `${decimal(size, 3)}\xc2\xb5s` : `${decimal(size, 6)}ms`;
}

/** The number with its last digits behind a point, without zeros at the end. */
function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}

/** Go's Duration.Round: to a whole multiple, halves away from zero. */
export function roundDuration(duration: bigint, unit: bigint): bigint {
  const size = duration < 0n ? -duration : duration;
  const rounded = ((size + unit / 2n) / unit) * unit;
  return BigInt.asIntN(64, duration < 0n ? -rounded : rounded);
}
