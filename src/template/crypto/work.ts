import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';

/** Steps that one operation counts for, by what it takes on a slow core: about 2 µs a step. */
export const WORK = {
  rsa2048: 80_000,
  rsa4096: 400_000,
  dsa2048: 500_000,
  curve: 500,
  signature: 5000,
  bcrypt: 50_000,
  scrypt: 200_000,
} as const;

const MAX_INPUT_BYTES = 1024 * 1024; // a Secret holds no more
const BYTES_A_STEP = 4; // ASN.1 and PEM of the worst kind take about a second a MiB
const MAX_ITERATIONS = 1_000_000;

/** Refuses what no Secret could hold, and counts the reading of the rest. */
export function spendOnInputs(evaluation: Evaluation, ...inputs: readonly string[]): void {
  const bytes = inputs.reduce((sum, input) => sum + input.length, 0);
  if (bytes > MAX_INPUT_BYTES) throw new TemplateError('the input is larger than 1 MiB');
  evaluation.spend(1 + Math.ceil(bytes / BYTES_A_STEP));
}

/** A file says itself how often a password is hashed: refuses what would hold up everybody else. */
export function spendOnIterations(evaluation: Evaluation, iterations: number): void {
  if (!Number.isSafeInteger(iterations) || iterations < 1) throw new TemplateError('the iteration count is malformed');
  if (iterations > MAX_ITERATIONS) throw new TemplateError(`more than ${MAX_ITERATIONS} iterations are refused`);
  evaluation.spend(iterations);
}
