import { LatchkeyError } from '../errors.ts';
import type { Fields } from '../fields.ts';

/** A store with mistakes is refused before; should one come through, no token leaves for it. Throws STORE_INVALID. */
export function refuseMistakes(block: Fields): void {
  const mistakes = block.problems.map(({ path, message }) => `${path}: ${message}`);
  if (mistakes.length === 0) return;
  throw new LatchkeyError('STORE_INVALID', `the store has mistakes: ${mistakes.join('; ')}`, {
    hint: 'Correct the store',
  });
}
