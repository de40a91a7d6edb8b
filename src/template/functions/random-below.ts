import type { Evaluation } from '../template-function.ts';

/** A random number from 0 up to a limit, which is left out. Each is as likely as any other. */
export function randomBelow(limit: bigint, evaluation: Evaluation): bigint {
  const bits = (limit - 1n).toString(2).length;
  const bytes = Math.ceil(bits / 8);
  for (;;) {
    evaluation.spend(1);
    const hex = Buffer.from(evaluation.randomBytes(bytes)).toString('hex');
    const value = BigInt.asUintN(bits, BigInt(`0x${hex}`));
    if (value < limit) return value; // more than half of all are
  }
}
