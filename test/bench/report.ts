import { cpus } from 'node:os';
import type { Measured } from './load.ts';
import type { Scenario } from './scene.ts';
import { canPin } from './server-process.ts';

export interface Start {
  readonly ms: number;
  /** All its threads until it was ready; says more than `ms` where others use the machine. */
  readonly cpuMs: number;
  /** Only where it was left idle. */
  readonly rssMib?: number;
}

/** One run against one server. */
export interface Run extends Measured {
  /** What the server spent on each answer, all its threads. */
  readonly cpuMicros: number;
  /** What everybody else on this machine took meanwhile, in cores. */
  readonly others: number;
}

/** Of two bundles, started in turn. */
export interface Starts {
  readonly full: readonly Start[];
  readonly onlyFake: readonly Start[];
}

/** Both servers under the same load, one directly after the other. */
export interface Round {
  readonly bare: Run;
  readonly latchkey: Run;
}

export interface Row {
  readonly scenario: Scenario;
  readonly connections: number;
  readonly rounds: readonly Round[];
}

/** What the kernel and a terminal take. */
const QUIET_CORES = 0.1;

const HEADER = [
  'Pod',
  'connections',
  'bare/s',
  'Latchkey/s',
  'ratio [range]',
  'CPU/review',
  'ratio of CPU',
  'p50',
  'p99',
  'others',
];

/** Medians. A ratio is taken in each round, so that what disturbs the machine for a while disturbs both of its parts. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ scenario, connections, rounds }) => {
    const ratios = rounds.map(({ bare, latchkey }) => latchkey.perSecond / bare.perSecond);
    const cpuRatios = rounds.map(({ bare, latchkey }) => bare.cpuMicros / latchkey.cpuMicros);
    return [
      scenario.name,
      String(connections),
      perSecond(rounds.map(({ bare }) => bare)),
      perSecond(rounds.map(({ latchkey }) => latchkey)),
      withRange(ratios),
      both(rounds, ({ cpuMicros }) => cpuMicros, 0, 'µs'),
      withRange(cpuRatios),
      both(rounds, ({ p50Ms }) => p50Ms, 2, 'ms'),
      both(rounds, ({ p99Ms }) => p99Ms, 2, 'ms'),
      median(rounds.flatMap(({ bare, latchkey }) => [bare.others, latchkey.others])).toFixed(2),
    ];
  });
  const table = [HEADER, HEADER.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return isQuiet(rows)
    ? table
    : `${table}\n\nNOT QUIET: others used the machine meanwhile; only the ratios of CPU say something.`;
}

export function formatStarts({ full, onlyFake }: Starts): string {
  const cost = full.flatMap((start, index) => {
    const other = onlyFake[index];
    return other === undefined ? [] : [difference(start, other)];
  });
  return [
    `start to ready, ${full.length} times each; RSS idle, ${sizesOf(full).length} times each`,
    `  all providers in the build: ${describeStarts(full)}`,
    `  \`fake\` alone: ${describeStarts(onlyFake)}`,
    `  what the others cost, in pairs: ${describeStarts(cost)}`,
  ].join('\n');
}

function describeStarts(starts: readonly Start[]): string {
  const times = formatWhole(
    starts.map(({ ms }) => ms),
    'ms',
  );
  const cpuTimes = formatWhole(
    starts.map(({ cpuMs }) => cpuMs),
    'ms',
  );
  const sizes = formatWhole(sizesOf(starts), 'MiB');
  return `${times}, CPU ${cpuTimes}, RSS idle ${sizes}`;
}

function difference(start: Start, other: Start): Start {
  const [rssMib] = sizesOf([start]).map((size) => size - (other.rssMib ?? Number.NaN));
  return { ms: start.ms - other.ms, cpuMs: start.cpuMs - other.cpuMs, ...(rssMib !== undefined && { rssMib }) };
}

function sizesOf(starts: readonly Start[]): readonly number[] {
  return starts.flatMap(({ rssMib = [] }) => rssMib);
}

/** Without this the numbers mean nothing. */
export function describeMachine(): string {
  const [core] = cpus();
  const pinned = canPin ? 'servers on one core, load on another' : 'NOT pinned: no taskset, or one core only';
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores (${core?.model ?? '?'}); ${pinned}`;
}

function isQuiet(rows: readonly Row[]): boolean {
  const runs = rows.flatMap(({ rounds }) => rounds.flatMap(({ bare, latchkey }) => [bare, latchkey]));
  return !(median(runs.map(({ others }) => others)) > QUIET_CORES);
}

function formatWhole(numbers: readonly number[], unit: string): string {
  const [middle, least, most] = [median(numbers), Math.min(...numbers), Math.max(...numbers)];
  return `${middle.toFixed(0)} ${unit} [${least.toFixed(0)} to ${most.toFixed(0)}]`;
}

function perSecond(runs: readonly Run[]): string {
  return Math.round(median(runs.map((run) => run.perSecond))).toLocaleString('en');
}

function withRange(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}]`;
}

function both(rounds: readonly Round[], read: (run: Run) => number, digits: number, unit: string): string {
  const bare = median(rounds.map((round) => read(round.bare)));
  const latchkey = median(rounds.map((round) => read(round.latchkey)));
  return `${bare.toFixed(digits)} → ${latchkey.toFixed(digits)} ${unit}`;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((total, number) => total + number, 0) / middle.length;
}
