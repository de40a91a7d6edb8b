import type { Evaluation } from '../template-function.ts';
import { GoMap } from '../value.ts';
import { isEmpty } from './is-empty.ts';

/**
 * Changes `target` as sprig's `merge` does (the package mergo): what it has stays, except where that is empty; with
 * `overwrite` the other's values win. Maps in both are merged in turn.
 */
export function mergeInto(target: GoMap, source: GoMap, overwrite: boolean, evaluation: Evaluation): void {
  for (const [key, value] of source.entries) {
    evaluation.spend(1);
    const known = target.entries.get(key);
    if (value === null) {
      if (overwrite) target.entries.set(key, null);
    } else if (value instanceof GoMap && known instanceof GoMap) {
      mergeInto(known, value, overwrite, evaluation);
    } else if (overwrite || known === undefined || isEmpty(known)) {
      target.entries.set(key, value);
    }
  }
}
