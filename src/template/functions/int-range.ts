import type { Evaluation } from '../template-function.ts';

/** Sprig's untilStep: from `start` towards `stop`, which is left out; nothing where the step leads away from it. */
export function intRange(start: bigint, stop: bigint, step: bigint, evaluation: Evaluation): readonly bigint[] {
  const distance = stop - start;
  if (step === 0n || distance === 0n || distance < 0n !== step < 0n) return [];
  const count = Number((distance - (step > 0n ? 1n : -1n)) / step) + 1;
  evaluation.spend(count);
  return Array.from({ length: count }, (_, index) => start + BigInt(index) * step);
}

/** Sprig's seq, after the shell's: END, START END, or START STEP END, with the end among them. */
export function intSequence(params: readonly bigint[], evaluation: Evaluation): readonly bigint[] {
  const [first, second, third] = params;
  if (first === undefined || params.length > 3) return [];
  if (second === undefined) return through(1n, undefined, first, evaluation);
  return third === undefined
    ? through(first, undefined, second, evaluation)
    : through(first, second, third, evaluation);
}

function through(start: bigint, step: bigint | undefined, end: bigint, evaluation: Evaluation): readonly bigint[] {
  const direction = end < start ? -1n : 1n;
  if (step !== undefined && step > 0n && direction < 0n) return [];
  return intRange(start, BigInt.asIntN(64, end + direction), step ?? direction, evaluation);
}
