import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Keeps a list of pids and kills those still on it when its standard input ends, however the writer died. */
const GUARD_SCRIPT = `
trap '' INT TERM HUP
pids=
while read -r word pid; do
  kept=
  for known in $pids; do [ "$known" = "$pid" ] || kept="$kept $known"; done
  pids=$kept
  [ "$word" = watch ] && pids="$pids $pid"
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
`;

/**
 * Ends the watched processes when this one is gone: after a crash, a SIGKILL or a plain exit that forgot to stop.
 * A pipe and not prctl(PR_SET_PDEATHSIG): that one fires when the starting *thread* ends, and is Linux only.
 */
export class OrphanGuard {
  readonly #shell: ChildProcess;

  constructor() {
    this.#shell = spawn('sh', ['-c', GUARD_SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#shell.unref();
    const pipe = this.#shell.stdin;
    if (pipe instanceof Socket) pipe.unref(); // else it keeps a runner alive that is done
    pipe?.on('error', () => undefined);
  }

  watch(pid: number): void {
    this.#write(`watch ${pid}\n`);
  }

  /** Must follow an exit at once: the kernel may give the pid to somebody else. */
  forget(pid: number): void {
    this.#write(`forget ${pid}\n`);
  }

  close(): void {
    this.#shell.stdin?.end();
  }

  #write(line: string): void {
    if (this.#shell.stdin?.writable) this.#shell.stdin.write(line);
  }
}
