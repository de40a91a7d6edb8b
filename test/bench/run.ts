// npm run bench: `latchkey webhook` against a bare node:https server, in one run, interleaved. See docs/performance.md.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AdmissionResponse } from '../../src/admission/decision.ts';
import { signLeaf } from '../../src/tls/leaf.ts';
import { freePort } from '../plane/ports.ts';
import { type Load, measure } from './load.ts';
import { describeMachine, formatTable, median, type Row, type Run } from './report.ts';
import { readScenarios, type Scenario } from './scene.ts';
import { pinClient, type ServerProcess, startServerProcess, untilReady } from './server-process.ts';
import { prepareSurroundings, type StartedWebhook, type Surroundings } from './webhook-server.ts';

const WARM_UP_SECONDS = 3;
const IDLE_MS = 3000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    starts: { type: 'string', default: '7' },
    connections: { type: 'string', default: '1,16,64' },
  },
});
const [rounds, seconds, starts] = [Number(values.rounds), Number(values.seconds), Number(values.starts)];
const connectionCounts = values.connections.split(',').map(Number);

const directory = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
try {
  await run();
} finally {
  await rm(directory, { recursive: true });
}

async function run(): Promise<void> {
  console.log(describeMachine());
  const dist = join(directory, 'dist');
  execFileSync(process.execPath, ['.config/build.ts', dist]);
  pinClient();
  const surroundings = await prepareSurroundings(join(dist, 'main.js'), directory);
  try {
    await measureStarts(surroundings);
    const webhook = await surroundings.start();
    try {
      await compare(surroundings, webhook);
    } finally {
      await webhook.stop();
    }
  } finally {
    surroundings.close();
  }
}

/** The first start fills Node's compile cache, as building the image does, and does not count. */
async function measureStarts(surroundings: Surroundings): Promise<void> {
  const times: number[] = [];
  const sizes: number[] = [];
  for (let start = 0; start <= starts; start += 1) {
    const webhook = await surroundings.start();
    if (start > 0) times.push(webhook.startMs);
    if (start === starts) await delay(IDLE_MS);
    sizes.push(webhook.rssMib());
    await webhook.stop();
  }
  const range = `[${Math.round(Math.min(...times))}–${Math.round(Math.max(...times))}]`;
  console.log(`start to ready: ${Math.round(median(times))} ms ${range}; RSS idle: ${sizes.at(-1)?.toFixed(0)} MiB`);
}

async function compare(surroundings: Surroundings, webhook: StartedWebhook): Promise<void> {
  const { url, authority } = surroundings;
  const ca = authority.certificatePem;
  const scenarios = await readScenarios();
  const bare = await startBareServer(surroundings, scenarios);
  try {
    const rows = scenarios.flatMap((scenario) =>
      connectionCounts.map((connections): Row & { readonly rounds: Row['rounds'][number][] } => ({
        scenario: scenario.name,
        connections,
        rounds: [],
      })),
    );
    for (const { path, body } of pathsOf(scenarios)) {
      for (const target of [url, `${bare.origin}${path}`]) {
        await measure({ url: target, ca, body, connections: 16, seconds: WARM_UP_SECONDS });
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const row of rows) {
        const { path, body } = pathsOf(scenarios).find(({ name }) => name === row.scenario) ?? fail();
        const load = { ca, body, connections: row.connections, seconds };
        const runs = {
          bare: () => runAgainst(bare.process, { ...load, url: `${bare.origin}${path}` }),
          latchkey: () => runAgainst(webhook, { ...load, url }),
        };
        // Each goes first in every other round.
        const first = round % 2 === 0 ? await runs.bare() : await runs.latchkey();
        row.rounds.push(
          round % 2 === 0
            ? { bare: first, latchkey: await runs.latchkey() }
            : { latchkey: first, bare: await runs.bare() },
        );
      }
    }
    console.log(`\n${formatTable(rows)}\n\nRSS after load: ${webhook.rssMib().toFixed(0)} MiB, bare ${bare.process.rssMib().toFixed(0)} MiB`);
  } finally {
    await bare.process.stop();
  }
}
function fail(): never { throw new Error('x'); }
function pathsOf(scenarios: readonly Scenario[]) { return scenarios.map((s, i) => ({ ...s, path: `/${i}` })); }

/** Measures how busy it was besides. */
async function runAgainst(server: ServerProcess, load: Load): Promise<Run> {
  const before = server.cpuMs();
  const measured = await measure(load);
  return { ...measured, cpuMicros: ((server.cpuMs() - before) / measured.answers) * 1000 };
}

async function startBareServer({ url, authority }: Surroundings, scenarios: readonly Scenario[]) {
  const leaf = await signLeaf(authority, { names: ['127.0.0.1'], lifetimeMs: 86_400_000, now: new Date() });
  const answers: Record<string, AdmissionResponse> = {};
  for (const { path, body, name } of pathsOf(scenarios)) {
    answers[path] = await ask(url, authority.certificatePem, body);
    console.log(name, body.length, JSON.stringify(answers[path]).length);
  }
  const port = await freePort();
  const input = JSON.stringify({
    port,
    certificatePem: leaf.certificatePem,
    keyPem: leaf.keyPem.exposeText(),
    answers,
  });
  const process = startServerProcess({ args: [new URL('bare-server.ts', import.meta.url).pathname], input });
  const origin = `https://127.0.0.1:${port}`;
  await delay(500);
  void untilReady;
  return { process, origin };
}

function ask(url: string, ca: string, body: Buffer): Promise<AdmissionResponse> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const answer = (JSON.parse(text) as { response: AdmissionResponse }).response;
        if (answer.allowed) resolve(answer);
        else reject(new Error(answer.status?.message));
      });
    });
    asked.on('error', reject).end(body);
  });
}
