import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Return a failure instead of throwing it. */
  readonly allowFailure?: boolean;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { input = '', env = process.env, allowFailure = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output.stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output.stderr += chunk;
    });
    child.stdin.on('error', () => undefined); // it may end before it has read its input
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const code = exitCode ?? 1;
      if (code === 0 || allowFailure) return resolve({ code, ...output });
      reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.stderr}${output.stdout}`));
    });
  });
}
