// npm run bench: `latchkey webhook` against a bare node:https server, in one run, interleaved. See docs/performance.md.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bundle } from '../../.config/bundle.ts';
import { type BareServer, startBareServer } from './bare-process.ts';
import { type Load, measure } from './load.ts';
import { bundleOnlyFake } from './only-fake.ts';
import {
  describeMachine,
  formatStarts,
  formatTable,
  type Round,
  type Row,
  type Run,
  type Start,
  type Starts,
} from './report.ts';
import { readScenarios, type Scenario } from './scene.ts';
import { machineCpuMs, pinClient, type ServerProcess } from './server-process.ts';
import { prepareSurroundings, type StartedWebhook, type Surroundings } from './webhook-server.ts';

const WARM_UP = { connections: 16, seconds: 3 };
/** What the start took is given back after 5 s: src/commands/release-start-memory.ts. */
const IDLE_MS = 10_000;
const IDLE_STARTS = 2;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    starts: { type: 'string', default: '7' },
    connections: { type: 'string', default: '1,16,64' },
  },
});
const [rounds, seconds, starts] = [Number(values.rounds), Number(values.seconds), Number(values.starts)];
const connectionCounts = values.connections.split(',').map(Number);

const directory = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
try {
  await bench();
} finally {
  await rm(directory, { recursive: true });
}

async function bench(): Promise<void> {
  console.log(describeMachine());
  const [full, onlyFake] = [join(directory, 'full'), join(directory, 'only-fake')];
  await bundle(full);
  await bundleOnlyFake(onlyFake);
  pinClient();
  const surroundings = await prepareSurroundings(directory);
  console.log(
    surroundings.isPod ? 'cluster found as in a Pod' : 'cluster found by kubeconfig, which costs start and memory',
  );
  const mains = { full: join(full, 'main.js'), onlyFake: join(onlyFake, 'main.js') };
  console.log(formatStarts(await measureStarts(surroundings, mains)));

  const webhook = await surroundings.start(mains.full);
  const scenarios = await readScenarios();
  const bare = await startBareServer(surroundings, scenarios);
  for (const scenario of scenarios) {
    await measure({ ...atWebhook(surroundings, scenario), ...WARM_UP });
    await measure({ ...atBare(surroundings, bare, scenario), ...WARM_UP });
  }
  console.log(`\n${formatTable(await compare(surroundings, webhook, bare, scenarios))}`);
  console.log(`\nRSS after load: Latchkey ${webhook.rssMib().toFixed(0)} MiB, bare ${bare.rssMib().toFixed(0)} MiB`);
  await Promise.all([webhook.stop(), bare.stop()]);
  surroundings.close();
}

/** The first start of each bundle fills Node's compile cache and does not count; memory is taken from the last ones. */
async function measureStarts(surroundings: Surroundings, mains: Record<keyof Starts, string>): Promise<Starts> {
  const measured = { full: [] as Start[], onlyFake: [] as Start[] };
  const firstIdle = Math.max(1, starts + 1 - IDLE_STARTS);
  for (let start = 0; start <= starts; start += 1) {
    // Who goes first changes here too.
    const order = start % 2 === 0 ? (['full', 'onlyFake'] as const) : (['onlyFake', 'full'] as const);
    for (const name of order) {
      measured[name].push(await measureStart(surroundings, mains[name], start >= firstIdle));
    }
  }
  return { full: measured.full.slice(1), onlyFake: measured.onlyFake.slice(1) };
}

async function measureStart(surroundings: Surroundings, main: string, idles: boolean): Promise<Start> {
  const webhook = await surroundings.start(main);
  if (idles) await delay(IDLE_MS);
  const { startMs: ms, startCpuMs: cpuMs } = webhook;
  const start = { ms, cpuMs, ...(idles && { rssMib: webhook.rssMib() }) };
  await webhook.stop();
  return start;
}

async function compare(
  surroundings: Surroundings,
  webhook: StartedWebhook,
  bare: BareServer,
  scenarios: readonly Scenario[],
): Promise<readonly Row[]> {
  const cases = scenarios.flatMap((scenario) => connectionCounts.map((connections) => ({ scenario, connections })));
  const rows = cases.map((one) => ({ ...one, rounds: [] as Round[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { scenario, connections, rounds: done } of rows) {
      const runBare = () => observe(bare, { ...atBare(surroundings, bare, scenario), connections, seconds });
      const runWebhook = () => observe(webhook, { ...atWebhook(surroundings, scenario), connections, seconds });
      // Who goes first changes from round to round.
      if (round % 2 === 0) done.push({ bare: await runBare(), latchkey: await runWebhook() });
      else done.push({ latchkey: await runWebhook(), bare: await runBare() });
    }
  }
  return rows;
}

async function observe(server: ServerProcess, load: Load): Promise<Run> {
  const before = { server: server.cpuMs(), own: process.cpuUsage(), machine: machineCpuMs() };
  const measured = await measure(load);
  const serverMs = server.cpuMs() - before.server;
  const own = process.cpuUsage(before.own);
  const othersMs = machineCpuMs() - before.machine - serverMs - (own.user + own.system) / 1000;
  return {
    ...measured,
    cpuMicros: (serverMs / measured.answers) * 1000,
    others: Math.max(0, othersMs) / (seconds * 1000),
  };
}

function atWebhook({ url, authority }: Surroundings, { body }: Scenario) {
  return { url, ca: authority.certificatePem, body };
}

function atBare({ authority }: Surroundings, { origin }: BareServer, { path, body }: Scenario) {
  return { url: origin + path, ca: authority.certificatePem, body };
}
