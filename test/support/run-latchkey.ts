import { execFile } from 'node:child_process';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
/** Longer than any command that ends by itself; one that does not is a failure. */
const LIMIT_MS = 15_000;

/** Runs the command line as a user does, in a process of its own that has no cluster around it. */
export function runLatchkey(args: readonly string[], input = ''): Promise<Finished> {
  const env = { PATH: process.env['PATH'] };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? Number.NaN), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
