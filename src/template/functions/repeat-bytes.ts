import { TemplateError } from '../template-error.ts';
import type { Evaluation } from '../template-function.ts';
import { spendBytes } from './arguments.ts';
import { splitRunes } from './runes.ts';

/** Go's strings.Repeat. */
export function repeatBytes(text: string, count: number, evaluation: Evaluation): string {
  if (count < 0) throw new TemplateError('strings: negative Repeat count');
  spendBytes(evaluation, text.length * count);
  return text.repeat(count);
}

/** Go's strings.ReplaceAll: nothing, replaced, stands before each rune and at the end. */
export function replaceBytes(text: string, from: string, to: string, evaluation: Evaluation): string {
  spendBytes(evaluation, text.length * (from === '' ? 64 : 8)); // cut up below
  const parts = from === '' ? ['', ...splitRunes(text), ''] : text.split(from);
  evaluation.spend(parts.length);
  spendBytes(evaluation, (parts.length - 1) * to.length);
  return parts.join(to);
}
