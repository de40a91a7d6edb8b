import { hash } from 'node:crypto';

/** The hash that External Secrets writes: SHA3-224 in hex of a value as Go's `%+v` prints it. */
export function goHash(printed: string): string {
  return hash('sha3-224', printed, 'hex');
}

/** A Go map as `%+v` prints it: `map[a:1 b:2]`, keys in byte order. */
export function printMap<T>(entries: Iterable<readonly [string, T]>, print: (value: T) => string): string {
  const sorted = [...entries].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return `map[${sorted.map(([key, value]) => `${key}:${print(value)}`).join(' ')}]`;
}
