/** Choices that the same seed makes again (mulberry32). */
export interface SeededRandom {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  upTo(limit: number): number;
  pick<T>(choices: readonly T[]): T;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (limit: number) => Math.floor(fraction() * limit);
  return { fraction, upTo, pick: <T>(choices: readonly T[]) => choices[upTo(choices.length)] as T };
}
