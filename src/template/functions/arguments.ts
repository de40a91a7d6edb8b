import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import { GoInt, type GoValue } from '../value.ts';

// Arguments as the function's `params` promise them: the evaluator has checked and converted before the call.

export function textAt(args: readonly GoValue[], index: number): string {
  const value = args[index];
  return typeof value === 'string' ? value : unexpected(index);
}

export function bigintAt(args: readonly GoValue[], index: number): bigint {
  const value = args[index];
  return value instanceof GoInt ? value.value : unexpected(index);
}

/** An int as a number; beyond 2^53 it is only near, which no length or count is. */
export function integerAt(args: readonly GoValue[], index: number): number {
  return Number(bigintAt(args, index));
}

export function valueAt(args: readonly GoValue[], index: number): GoValue {
  return args[index] ?? null;
}

/** Counts the work that reading or writing so many bytes is. */
export function spendBytes(evaluation: Evaluation, bytes: number): void {
  evaluation.spend(1 + Math.ceil(bytes / 64));
}

function unexpected(index: number): never {
  throw new TemplateError(`argument ${index + 1} has not the type that the function takes`);
}
