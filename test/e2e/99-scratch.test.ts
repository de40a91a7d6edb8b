import { it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from './load.ts';
import { getStage } from './stage.ts';
import { createTeam } from './team.ts';

it('memory', async () => {
  const stage = await getStage();
  const started = Date.now();
  async function show(title: string) {
    for (const [kind, replica] of [['webhook', 0], ['controller', 0]] as const) {
      const m = await stage.processes.metrics(kind, replica);
      const n = (name: string) => Math.round(Number(new RegExp(`^${name} (\\S+)`, 'm').exec(m)?.[1]) / 2 ** 20);
      process.stdout.write(`${Math.round((Date.now() - started) / 1000)} ${title} ${kind} rss ${n('process_resident_memory_bytes')} used ${n('nodejs_heap_size_used_bytes')} total ${n('nodejs_heap_size_total_bytes')} external ${n('nodejs_external_memory_bytes')}\n`);
    }
  }
  await show('idle');
  const team = await createTeam(stage, 'memory');
  const load = await startLoad(stage.plane, team);
  for (let i = 0; i < 6; i++) { await sleep(5000); await show('load'); }
  const r = await load.stop();
  process.stdout.write(`${r.pods.length} pods\n`);
  for (let i = 0; i < 9; i++) { await sleep(10000); await show(`after leases ${(await team.leases()).length}`); }
  process.kill(stage.processes.controller(0).pid, 'SIGUSR2');
  await sleep(15000);
  await show('after snapshot gc');
  await stage.plane.kubectl(['delete', 'namespace', team.namespace, '--timeout=120s']);
  await show('after delete');
  process.kill(stage.processes.controller(0).pid, 'SIGUSR2');
  await sleep(15000);
  await show('after snapshot gc');
}, 600_000);
