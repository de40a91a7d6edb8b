const NANOSECONDS_A_DAY = 86_400_000_000_000n;
const NANOSECONDS_A_MILLISECOND = 1_000_000n;

/** `days` from `start`. Go counts nanoseconds in 64 bits, so that more than 292 years come out as something else. */
export function endOfValidity(start: Date, days: bigint): Date {
  const nanoseconds = BigInt.asIntN(64, days * NANOSECONDS_A_DAY);
  return new Date(start.getTime() + Number(nanoseconds / NANOSECONDS_A_MILLISECOND));
}
