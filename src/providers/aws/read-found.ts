import pLimit from 'p-limit';
import { LatchkeyError } from '../../errors.ts';
import type { Fetched, Found, Outcome } from '../provider.ts';
import { outcomeOf } from './outcome.ts';

/** How the values of found names are read. */
export interface FoundReader {
  readonly maxBatch: number;
  readBatch(names: readonly string[]): Promise<readonly Outcome<Fetched>[]>;
  readOne(name: string): Promise<Fetched>;
}

const CONCURRENCY = 8;

/** The values of all names, in batches, or one by one where the identity may not read batches. What went away meanwhile is passed over. */
export async function readFound(names: readonly string[], reader: FoundReader): Promise<readonly Found[]> {
  const { maxBatch } = reader;
  const limit = pLimit(CONCURRENCY);
  const chunks = Array.from({ length: Math.ceil(names.length / maxBatch) }, (_, index) =>
    names.slice(index * maxBatch, (index + 1) * maxBatch),
  );
  const outcomes = (await limit.map(chunks, (chunk) => readChunk(chunk, reader))).flat();
  return names.flatMap((key, index) => {
    const outcome = outcomes[index];
    if (outcome?.ok === true) return [{ key, value: outcome.value.value }];
    if (outcome !== undefined && outcome.error.code !== 'SECRET_NOT_FOUND') throw outcome.error;
    return [];
  });
}

async function readChunk(names: readonly string[], reader: FoundReader): Promise<readonly Outcome<Fetched>[]> {
  try {
    return await reader.readBatch(names);
  } catch (error) {
    if (LatchkeyError.from(error).code !== 'ACCESS_DENIED') throw error;
  }
  const outcomes: Outcome<Fetched>[] = [];
  for (const name of names) outcomes.push(await outcomeOf(() => reader.readOne(name)));
  return outcomes;
}
