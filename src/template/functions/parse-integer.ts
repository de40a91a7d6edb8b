const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** An integer read as Go reads it. Out of int64's range it is an error too, but still has the nearest value. */
export interface ParsedInteger {
  readonly value: bigint;
  readonly ok: boolean;
}

const FAILED: ParsedInteger = { value: 0n, ok: false };
const DIGITS: Readonly<Record<string, RegExp>> = {
  '0b': /^(?:_?[01])+$/,
  '0o': /^(?:_?[0-7])+$/,
  '0x': /^(?:_?[0-9a-f])+$/,
};

/** Go's strconv.ParseInt to 64 bits. Base 0 takes prefixes, a leading zero for octal, and underscores between digits. */
export function parseInteger(text: string, base: 0 | 8 | 10): ParsedInteger {
  const negative = text.startsWith('-');
  const body = (negative || text.startsWith('+') ? text.slice(1) : text).toLowerCase();
  const magnitude = base === 0 ? readPrefixed(body) : readPlain(body, base);
  if (magnitude === undefined) return FAILED;
  const value = negative ? -magnitude : magnitude;
  if (value > INT64_MAX) return { value: INT64_MAX, ok: false };
  return value < INT64_MIN ? { value: INT64_MIN, ok: false } : { value, ok: true };
}

function readPlain(body: string, base: 8 | 10): bigint | undefined {
  if (base === 8) return /^[0-7]+$/.test(body) ? toBigInt('0o', body) : undefined;
  return /^[0-9]+$/.test(body) ? toBigInt('', body) : undefined;
}

function readPrefixed(body: string): bigint | undefined {
  const prefix = body.slice(0, 2);
  const digits = DIGITS[prefix];
  if (digits !== undefined) return digits.test(body.slice(2)) ? toBigInt(prefix, body.slice(2)) : undefined;
  if (/^0(?:_?[0-7])+$/.test(body)) return toBigInt('0o', body);
  return /^(?:0|[1-9](?:_?[0-9])*)$/.test(body) ? toBigInt('', body) : undefined;
}

function toBigInt(prefix: string, text: string): bigint {
  const digits = text.replaceAll('_', '').replace(/^0+(?=.)/, '');
  // More is out of range in every base, and slow to read.
  return digits.length > 64 ? INT64_MAX + 2n : BigInt(prefix + digits);
}
