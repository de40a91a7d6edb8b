import { cpus } from 'node:os';
import type { Measured } from './load.ts';
import { canPin } from './server-process.ts';

/** One run against one server. */
export interface Run extends Measured {
  /** What the server spent on each answer, all its threads. */
  readonly cpuMicros: number;
}

/** Both servers under the same load, one directly after the other. */
export interface Round {
  readonly bare: Run;
  readonly latchkey: Run;
}

export interface Row {
  readonly scenario: string;
  readonly connections: number;
  readonly rounds: readonly Round[];
}

/** Medians; the ratio is that of each round, so that what disturbs the machine for a while disturbs both of its parts. */
export function formatTable(rows: readonly Row[]): string {
  const header = [
    'Pod',
    'connections',
    'bare/s',
    'Latchkey/s',
    'ratio [range]',
    'CPU/review bare, Latchkey',
    'p50 bare, Latchkey',
    'p99 bare, Latchkey',
  ];
  const cells = rows.map(({ scenario, connections, rounds }) => {
    const ratios = rounds.map(({ bare, latchkey }) => latchkey.perSecond / bare.perSecond);
    return [
      scenario,
      String(connections),
      perSecond(rounds.map(({ bare }) => bare)),
      perSecond(rounds.map(({ latchkey }) => latchkey)),
      `${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}]`,
      both(rounds, ({ cpuMicros }) => cpuMicros, 'µs', 0),
      both(rounds, ({ p50Ms }) => p50Ms, 'ms', 2),
      both(rounds, ({ p99Ms }) => p99Ms, 'ms', 2),
    ];
  });
  return [header, header.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Where it was measured: without this the numbers mean nothing. */
export function describeMachine(): string {
  const [core] = cpus();
  const pinned = canPin ? 'server on one core, load from another' : 'NOT pinned: no taskset, or one core only';
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores (${core?.model ?? '?'}); ${pinned}`;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? Number.NaN, sorted[Math.floor(middle)] ?? Number.NaN];
  return (low + high) / 2;
}

function perSecond(runs: readonly Run[]): string {
  return Math.round(median(runs.map((run) => run.perSecond))).toLocaleString('en');
}

function both(rounds: readonly Round[], read: (run: Run) => number, unit: string, digits: number): string {
  const [bare, latchkey] = (['bare', 'latchkey'] as const).map((server) => median(rounds.map((one) => read(one[server]))));
  return `${bare?.toFixed(digits)}, ${latchkey?.toFixed(digits)} ${unit}`;
}
