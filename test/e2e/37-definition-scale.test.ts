import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { restartLatchkey } from './restart.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, type Team, vaultStore } from './team.ts';
import { callsOfRole, sessionsOf } from './vault-traffic.ts';
import { watchObjects } from './watch-objects.ts';

const DEFINITIONS = 1000;
const ALONE = 200;
const REFRESHED = 100;
const REFRESH_SECONDS = 10;
/** With one login for the store's identity, and some that meet at the start. */
const MOST_CALLS = DEFINITIONS + 10;
/** What is measured is the default configuration; the other tests look for drift all the time. */
const DEFAULTS = { externalSecrets: { driftCheckInterval: '1m' } };

let stage: Stage;
const teams: Team[] = [];

beforeAll(async () => {
  stage = await getStage();
  await restartLatchkey(stage, DEFAULTS);
});

afterAll(async () => {
  await restartLatchkey(stage);
  await Promise.all(
    teams.map(({ namespace }) => stage.plane.kubectl(['delete', 'namespace', namespace, '--timeout=120s'])),
  );
});

/** A team whose store names the ServiceAccount `app`, with so many remote secrets. */
async function aTeam(title: string, remoteSecrets: number): Promise<Team> {
  const team = await createTeam(stage, title);
  teams.push(team);
  const { metadata, spec, ...store } = vaultStore(stage.vault.address, team.namespace, team.namespace, 'named');
  const provider = { ...Object(spec).provider.vault };
  provider.auth = { kubernetes: { ...provider.auth.kubernetes, serviceAccountRef: { name: 'app' } } };
  await stage.plane.apply({ ...store, metadata, spec: { provider: { vault: provider } } });
  await inChunks(remoteSecrets, (index) => team.put(`key-${index}`, { value: `value ${index}` }));
  return team;
}

async function inChunks(count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  const indices = Array.from({ length: count }, (_, index) => index);
  while (indices.length > 0) await Promise.all(indices.splice(0, 50).map(run));
}

function definition({ namespace }: Team, index: number, refreshInterval = '1h'): KubernetesObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: `definition-${index}`, namespace },
    spec: {
      refreshInterval,
      secretStoreRef: { name: 'named', kind: 'SecretStore' },
      data: [{ secretKey: 'value', remoteRef: { key: `${namespace}/key-${index}`, property: 'value' } }],
    },
  };
}

async function create(team: Team, index: number, refreshInterval?: string): Promise<void> {
  const path = `/apis/external-secrets.io/v1/namespaces/${team.namespace}/externalsecrets`;
  const { status, text } = await stage.plane.request('POST', path, { body: definition(team, index, refreshInterval) });
  if (status !== 201) throw new Error(text);
}

interface Listed {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

async function list(path: string): Promise<readonly Listed[]> {
  const { body } = await stage.plane.request<{ items: readonly Listed[] }>('GET', path);
  return body.items;
}

function definitionsOf({ namespace }: Team): Promise<readonly Listed[]> {
  return list(`/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`);
}

/** Watches, and tells when so many were ready. */
async function countSynced(
  { namespace }: Team,
  count: number,
): Promise<{ readonly done: Promise<number>; stop(): void }> {
  const ready = new Set<string>();
  const done = Promise.withResolvers<number>();
  const path = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`;
  const watch = await watchObjects(stage.plane, path, ({ metadata, status }) => {
    if (status?.conditions?.[0]?.status === 'True') ready.add(metadata.name);
    if (ready.size === count) done.resolve(Date.now());
  });
  return { done: done.promise, stop: () => watch.stop() };
}

async function untilSynced(team: Team, count: number): Promise<void> {
  const counter = await countSynced(team, count);
  await counter.done;
  counter.stop();
}

async function versionsOf(team: Team): Promise<Readonly<Record<string, string>>> {
  const all = [...(await definitionsOf(team)), ...(await list(`/api/v1/namespaces/${team.namespace}/secrets`))];
  return Object.fromEntries(all.map(({ metadata }, index) => [`${index} ${metadata.name}`, metadata.resourceVersion]));
}

/** Of the controller, looked at now and then until the work is done; before it listens there is nothing to ask. */
async function peakMemory(done: Promise<unknown>): Promise<number> {
  let peak = 0;
  while ((await Promise.race([done, delay(1000)])) === undefined) {
    peak = Math.max(peak, await residentMiB().catch(() => 0));
  }
  return peak;
}

async function residentMiB(): Promise<number> {
  const metrics = await stage.processes.metrics('controller', 0);
  return Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20);
}

function report(title: string, figures: Readonly<Record<string, number | string>>): void {
  const numbers = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`definitions, ${title}: ${numbers.join(', ')}\n`);
}

function quantile(sorted: readonly number[], share: number): string {
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
}

describe(`${DEFINITIONS} definitions of one Vault store and identity`, () => {
  it('are all synced while they are created, with one read each and one login', async () => {
    const team = await aTeam('thousand-definitions', DEFINITIONS);
    const counter = await countSynced(team, DEFINITIONS);
    const startedMs = Date.now();

    const created = inChunks(DEFINITIONS, (index) => create(team, index)).then(() => Date.now() - startedMs);
    const peak = await peakMemory(counter.done);
    counter.stop();

    const calls = await callsOfRole(stage.vault, team.namespace, startedMs);
    report('created', {
      'created in': `${(await created) / 1000} s`,
      'synced in': `${((await counter.done) - startedMs) / 1000} s`,
      calls: calls.length,
      logins: sessionsOf(calls).length,
      'RSS peak': `${peak} MiB`,
    });
    expect(calls.filter(({ kind }) => kind === 'read')).toHaveLength(DEFINITIONS);
    expect(calls.length).toBeLessThanOrEqual(MOST_CALLS);
  });

  it('are all synced when the controller starts, with one read each and one login', async () => {
    const team = await aTeam('thousand-at-start', DEFINITIONS);
    await stage.processes.controller(0).stop();
    await inChunks(DEFINITIONS, (index) => create(team, index));
    const counter = await countSynced(team, DEFINITIONS);
    const startedMs = Date.now();

    await stage.processes.startController(0, DEFAULTS);
    const peak = await peakMemory(counter.done);
    counter.stop();

    const calls = await callsOfRole(stage.vault, team.namespace, startedMs);
    report('at start', {
      'synced in': `${((await counter.done) - startedMs) / 1000} s`,
      calls: calls.length,
      logins: sessionsOf(calls).length,
      'RSS peak': `${peak} MiB`,
    });
    expect(calls.filter(({ kind }) => kind === 'read')).toHaveLength(DEFINITIONS);
    expect(calls.length).toBeLessThanOrEqual(MOST_CALLS);
  });
});

describe('one definition alone', () => {
  it('has its Secret soon', async () => {
    const team = await aTeam('definition-alone', ALONE);
    const appeared = new Map<string, PromiseWithResolvers<number>>();
    const entry = (name: string) => {
      const known = appeared.get(name) ?? Promise.withResolvers<number>();
      appeared.set(name, known);
      return known;
    };
    const watch = await watchObjects(stage.plane, `/api/v1/namespaces/${team.namespace}/secrets`, (secret, atMs) => {
      entry(secret.metadata.name).resolve(atMs);
    });
    const times: number[] = [];

    for (let index = 0; index < ALONE; index += 1) {
      const startedMs = performance.now();
      await create(team, index);
      times.push((await entry(`definition-${index}`).promise) - startedMs);
    }

    watch.stop();
    const sorted = times.toSorted((a, b) => a - b);
    report('alone', { p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99) });
    expect(sorted).toHaveLength(ALONE);
  });
});

describe(`${REFRESHED} definitions whose values do not change`, () => {
  it('cost one read each at a refresh, and no write', async () => {
    const team = await aTeam('definitions-refreshed', REFRESHED);
    await inChunks(REFRESHED, (index) => create(team, index, `${REFRESH_SECONDS}s`));
    await untilSynced(team, REFRESHED);
    await delay(1000);
    const before = await versionsOf(team);
    const startedMs = Date.now();

    await delay(2.5 * REFRESH_SECONDS * 1000);

    const calls = (await callsOfRole(stage.vault, team.namespace, startedMs)).filter(({ kind }) => kind === 'read');
    const perDefinition = [...Map.groupBy(calls, ({ path }) => path).values()].map(({ length }) => length);
    const refreshes = Math.max(...perDefinition);
    report('refreshed', { seconds: 2.5 * REFRESH_SECONDS, refreshes, reads: calls.length });
    expect(Math.min(...perDefinition)).toBeGreaterThan(0);
    expect(perDefinition).toHaveLength(REFRESHED);
    expect(calls.length).toBeLessThanOrEqual(refreshes * REFRESHED);
    expect(await versionsOf(team)).toEqual(before);
  });
});
