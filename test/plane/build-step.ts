import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A tool that this machine does not have: the plane is skipped, not failed. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

const OUTPUT_TAIL_CHARS = 2000;

/** Where built parts are kept, outside the tree. */
export function cacheRoot(): string {
  const own = process.env['LATCHKEY_PLANE_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'latchkey-plane');
}

/**
 * Returns the folder of a cached part, making it first where it is absent.
 * It is filled under another name and renamed whole: a broken build leaves nothing behind, and of two
 * builds at once the later one is thrown away.
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheRoot(), name);
  if (await exists(folder)) return folder;
  await mkdir(cacheRoot(), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  const startedMs = Date.now();
  console.error(`plane: building ${name} …`);
  try {
    await fill(unfinished);
    await rename(unfinished, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  console.error(`plane: built ${name} in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  return folder;
}

/** Runs a build command; its standard output, or an error with the end of what it said. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let everything = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      everything += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      everything += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const tail = everything.slice(-OUTPUT_TAIL_CHARS);
      reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${tail}`));
    });
  });
}

/** Throws MissingToolError unless the command is on PATH. */
export async function requireCommand(command: string, why: string): Promise<void> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = await Promise.all(folders.map((folder) => exists(join(folder, command))));
  if (!found.includes(true)) throw new MissingToolError(`${command} is not installed (${why})`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
