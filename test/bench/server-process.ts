import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Servers share one core and take turns on it; the load comes from the other. */
const SERVER_CORE = '0';
const CLIENT_CORE = '1';
const NODE = process.execPath;
/** Of the kernel's clock, in which /proc counts CPU time. */
const TICK_MS = 10;
const POLL_MS = 5;

const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export const canPin = process.platform === 'linux' && availableParallelism() > 1 && hasTaskset();

export interface ServerProcess {
  readonly child: ChildProcess;
  /** CPU time of all threads so far; NaN where there is no /proc. */
  cpuMs(): number;
  rssMib(): number;
  stop(): Promise<void>;
}

export interface ServerCommand {
  /** Runs what follows it in another environment; must end by becoming it. */
  readonly wrapper?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** For its standard input. */
  readonly input?: string;
  /** Where its standard output goes; nowhere unless named. */
  readonly stdout?: number;
}

/** Keeps this process, all its threads, off the servers' core. */
export function pinClient(): void {
  if (canPin) execFileSync('taskset', ['-apc', CLIENT_CORE, String(process.pid)], { stdio: 'ignore' });
}

export function startServerProcess(options: ServerCommand): ServerProcess {
  const { wrapper = [], environment = {}, args, input, stdout } = options;
  const pin = canPin ? ['taskset', '-c', SERVER_CORE] : [];
  const [command, ...rest] = [...pin, ...wrapper, NODE, ...args];
  const stdio = [input === undefined ? 'ignore' : 'pipe', stdout ?? 'ignore', 'inherit'] as const;
  const child = spawn(command ?? NODE, rest, { stdio: [...stdio], env: { ...process.env, ...environment } });
  child.stdin?.end(input);
  running.add(child);
  child.once('exit', () => running.delete(child));

  return {
    child,
    cpuMs() {
      // After the name in parentheses, which may hold spaces: state is the first field, utime the 12th, stime the 13th.
      const fields = readProc('stat').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    rssMib: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc('status'))?.[1]) / 1024,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };

  function readProc(file: string): string {
    try {
      return readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  }
}

/** CPU time of everything on this machine; NaN where there is no /proc. */
export function machineCpuMs(): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [all = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user, nice, system, , , interrupts, softInterrupts] = all.split(/ +/).slice(1).map(Number);
  return sum([user, nice, system, interrupts, softInterrupts]) * TICK_MS;
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, number = Number.NaN) => total + number, 0);
}

/** Resolves with the first answer of any status below 300. */
export async function untilReady(url: string, ca: string, { child }: ServerProcess): Promise<void> {
  while (!(await isReady(url, ca))) {
    if (child.exitCode !== null) throw new Error(`the server of ${url} ended with ${child.exitCode}`);
    await delay(POLL_MS);
  }
}

function isReady(url: string, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { ca, agent: false }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 300);
    });
    asked.on('error', () => resolve(false)).end();
  });
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
