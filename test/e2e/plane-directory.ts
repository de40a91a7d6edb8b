import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Set by the runner before its worker starts, so that both know where the note is. */
const NOTE = join(new URL('../..', import.meta.url).pathname, '.tmp', `e2e-plane-${process.env['E2E_RUN'] ?? 'none'}`);

export async function noteDirectory(directory: string): Promise<void> {
  await mkdir(join(NOTE, '..'), { recursive: true });
  await writeFile(NOTE, directory);
}

/** Vitest's global setup: the worker that started the plane is gone when the run ends, and its processes with it. */
export function setup(): () => Promise<void> {
  return async () => {
    const directory = await readFile(NOTE, 'utf8').catch(() => undefined);
    await rm(NOTE, { force: true });
    if (directory === undefined || process.env['KEEP_PLANE'] !== undefined) return;
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  };
}
