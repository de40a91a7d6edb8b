import { LatchkeyError } from '../../errors.ts';
import type { Outcome } from '../provider.ts';

export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: LatchkeyError.from(error) };
  }
}
