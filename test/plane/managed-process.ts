import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrphanGuard } from './orphan-guard.ts';

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Standard output and error, appended. */
  readonly logPath: string;
  /** Exit code, or the signal's name; resolves once, never rejects. */
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly running: boolean;
  /** Asks with the signal (SIGTERM), waits, kills what is still there after `graceMs` (10 s). */
  stop(options?: { signal?: NodeJS.Signals; graceMs?: number }): Promise<number | NodeJS.Signals>;
  /** A hard kill, as a node failure would be. */
  kill(): Promise<number | NodeJS.Signals>;
  /** The end of the log, for a failure message. */
  logTail(): Promise<string>;
}

export interface SpawnOptions {
  /** The whole environment; default: the caller's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

const DEFAULT_GRACE_MS = 10_000;
const LOG_TAIL_CHARS = 3000;

/** Starts processes, and ends every one of them at `stop()` or when this process dies, however it dies. */
export class ProcessGroup {
  readonly #directory: string;
  readonly #guard = new OrphanGuard();
  readonly #processes: ManagedProcess[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  spawn(name: string, command: string, args: readonly string[], options: SpawnOptions = {}): ManagedProcess {
    const logPath = join(this.#directory, `${name}.log`);
    const log = openSync(logPath, 'a');
    // Detached: a Ctrl-C in the terminal reaches the test runner only, which then stops things in order.
    const child = spawn(command, args, {
      cwd: options.cwd ?? this.#directory,
      env: options.env ?? process.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    if (child.pid === undefined) throw new Error(`cannot start ${name}: ${command}`);
    this.#guard.watch(child.pid);
    const managed = manage(name, child, child.pid, logPath);
    void managed.exited.then(() => this.#guard.forget(managed.pid));
    this.#processes.push(managed);
    return managed;
  }

  /** Ends the processes in the reverse order of their start; safe to call twice. */
  async stop(): Promise<void> {
    for (const started of this.#processes.toReversed()) await started.stop();
    this.#guard.close();
  }
}

function manage(name: string, child: ChildProcess, pid: number, logPath: string): ManagedProcess {
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 1));
    child.once('error', () => resolve(1));
  });
  function running(): boolean {
    return child.exitCode === null && child.signalCode === null;
  }
  return {
    name,
    pid,
    logPath,
    exited,
    get running() {
      return running();
    },
    async stop({ signal = 'SIGTERM', graceMs = DEFAULT_GRACE_MS } = {}) {
      if (!running()) return exited;
      child.kill(signal);
      const abort = new AbortController();
      const late = delay(graceMs, undefined, { signal: abort.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
      const outcome = await exited;
      abort.abort();
      await late;
      return outcome;
    },
    async kill() {
      if (running()) child.kill('SIGKILL');
      return exited;
    },
    async logTail() {
      return (await readFile(logPath, 'utf8')).slice(-LOG_TAIL_CHARS);
    },
  };
}
