import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until the answer is neither undefined nor false.
 * Errors count as "not yet"; the last one is the cause of the time-out's error.
 */
export async function waitUntil<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Answer> {
  const { timeoutMs = 30_000, intervalMs = 100 } = options;
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await delay(intervalMs);
  }
  throw new Error(`timed out after ${timeoutMs} ms waiting for ${what}`, { cause });
}
