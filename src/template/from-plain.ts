import { TemplateError } from './template-error.ts';
import type { Evaluation } from './template-function.ts';
import { GoList, GoMap, type GoValue } from './value.ts';

const MAX_DEPTH = 500;

/** What JSON.parse or a YAML parser gave, as Go's encoding/json would have it: every number a float64. */
export function fromPlain(value: unknown, evaluation: Pick<Evaluation, 'spend'>, depth = 0): GoValue {
  evaluation.spend(1);
  if (depth > MAX_DEPTH) throw new TemplateError('the document is nested too deeply');
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1');
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return new GoList(value.map((item) => fromPlain(item, evaluation, depth + 1)));
  if (value instanceof Map) return fromEntries([...value], evaluation, depth);
  if (typeof value === 'object' && value !== null) return fromEntries(Object.entries(value), evaluation, depth);
  return null;
}

function fromEntries(
  entries: readonly (readonly [unknown, unknown])[],
  evaluation: Pick<Evaluation, 'spend'>,
  depth: number,
): GoMap {
  return new GoMap(
    entries.map(([key, item]) => {
      return [Buffer.from(String(key), 'utf8').toString('latin1'), fromPlain(item, evaluation, depth + 1)] as const;
    }),
  );
}
