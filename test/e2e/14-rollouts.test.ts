import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { type AuditEvent, type AuditMark, auditLines, markAudit } from './audit-log.ts';
import { CACHE_TTL_MS, upgradeChart, VALUES } from './chart.ts';
import { type Load, type LoadReport, ROLLING, ROLLING_REPLICAS, startLoad } from './load.ts';
import { readPublished } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, type Team } from './team.ts';
import { callsOfRole, liveTokens, sessionsOf } from './vault-traffic.ts';

const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/latchkey';

let stage: Stage;
const teams: Team[] = [];
let running: Load | undefined;

beforeAll(async () => {
  stage = await getStage();
});

afterEach(async () => {
  await running?.stop();
});

afterAll(async () => {
  await Promise.all(
    teams.map(({ namespace }) => stage.plane.kubectl(['delete', 'namespace', namespace, '--timeout=120s'])),
  );
});

interface Scene {
  readonly team: Team;
  readonly load: Load;
  readonly mark: AuditMark;
  readonly startedMs: number;
}

async function underLoad(title: string): Promise<Scene> {
  const team = await createTeam(stage, title);
  teams.push(team);
  const mark = markAudit();
  const startedMs = Date.now();
  const load = await startLoad(stage.plane, team);
  running = load;
  await load.more(20);
  return { team, load, mark, startedMs };
}

/** Every Pod that was asked for runs, none of them unresolved or without its Secret. */
async function finish({ team, load, startedMs }: Scene, title: string): Promise<LoadReport> {
  const report = await load.stop();
  const { pods, rollouts, refusals } = report;
  process.stdout.write(
    `rollouts, ${title}: ${pods.length} bare Pods, ${rollouts} rollouts of ${ROLLING_REPLICAS}, ${refusals.length} refused at first\n`,
  );
  await waitUntil('every Pod runs', async () => {
    const phases = (await team.pods()).map(({ status }) => status?.phase);
    return phases.length === pods.length + ROLLING_REPLICAS && phases.every((phase) => phase === 'Running');
  });
  const stored = await team.pods();
  const isRolling = stored.filter(({ metadata }) => metadata.name.startsWith(`${ROLLING}-`));
  expect(isRolling).toHaveLength(ROLLING_REPLICAS);
  expect(JSON.stringify(stored.map(({ spec }) => spec))).not.toContain('secretstore://');
  expect(stage.checker.missing).toEqual([]);
  for (const session of sessionsOf(await callsOfRole(stage.vault, team.namespace))) {
    // Hundreds of Secrets hold the one value that they all read.
    const reads = session.filter(({ kind }) => kind === 'read');
    expect(reads.length).toBeLessThanOrEqual(Math.ceil((Date.now() - startedMs) / CACHE_TTL_MS));
  }
  return report;
}

/** Creations of Pods that were not stored, by whomever they were tried. */
async function failedCreations({ team, mark }: Scene): Promise<readonly string[]> {
  const failed: string[] = [];
  for await (const line of auditLines(stage.plane, mark)) {
    if (!line.includes(`"namespace":"${team.namespace}"`)) continue;
    const { verb, objectRef, responseStatus } = JSON.parse(line) as AuditEvent & {
      readonly responseStatus?: { readonly message?: string };
    };
    if (verb !== 'create' || objectRef?.resource !== 'pods' || objectRef.subresource !== undefined) continue;
    if (responseStatus?.code !== 201) failed.push(`${responseStatus?.code} ${responseStatus?.message}`);
  }
  return failed;
}

/** What any caller saw of a failure: the creators of bare Pods, the audit log, the ReplicaSets' Events. */
async function failuresOf(scene: Scene, { refusals }: LoadReport): Promise<readonly string[]> {
  const events = await scene.team.events();
  if (!events.some(({ reason }) => reason === 'SuccessfulCreate')) throw new Error('no Event of any ReplicaSet');
  const failed = events.filter(({ reason }) => reason === 'FailedCreate').map(({ message }) => message);
  return [...refusals, ...(await failedCreations(scene)), ...failed];
}

async function untilListed(count: number): Promise<void> {
  await waitUntil(`${count} replicas are listed`, async () => stage.endpoints.listed().length === count);
}

/** As a rollout of the webhook's own Deployment: one leaves, its successor comes, then the next. */
async function restartWebhooks({ load }: Scene): Promise<void> {
  for (const replica of [1, 0]) {
    expect(await stage.processes.webhook(replica).stop()).toBe(0);
    await untilListed(1);
    await load.more(20);
    await stage.processes.startWebhook(replica);
    await untilListed(2);
    await load.more(20);
  }
}

async function untilLeader(replica: number): Promise<void> {
  await waitUntil(
    `controller ${replica} leads`,
    async () => /^latchkey_controller_leader 1$/m.test(await stage.processes.metrics('controller', replica)),
    { timeoutMs: 60_000 },
  );
}

describe('while Pods are created all the time', () => {
  it('replicas that stop and come back cause no failed review', async () => {
    const scene = await underLoad('graceful');

    await restartWebhooks(scene);

    const report = await finish(scene, 'webhooks restarted');
    expect(await failuresOf(scene, report)).toEqual([]);
    // Whoever stopped has revoked its token.
    const calls = await callsOfRole(stage.vault, scene.team.namespace);
    const revoked = calls.filter(({ path }) => path === 'auth/token/revoke-self').length;
    expect(revoked).toBeGreaterThan(0);
    expect(await liveTokens(stage.vault, scene.team.namespace)).toBe(sessionsOf(calls).length - revoked);
    expect(sessionsOf(calls).length - revoked).toBeLessThanOrEqual(2);
  });

  it('replicas that are killed lose no Pod and let none start unresolved', async () => {
    const scene = await underLoad('killed');

    for (const replica of [1, 0]) {
      await stage.processes.webhook(replica).kill();
      await untilListed(1);
      await scene.load.more(40);
      await stage.processes.startWebhook(replica);
      await untilListed(2);
      await scene.load.more(20);
    }

    await finish(scene, 'webhook killed');
    const failed = await failedCreations(scene);
    process.stdout.write(`rollouts, webhook killed: ${failed.length} creations failed and were tried again\n`);
    for (const message of failed) expect(message).toContain('failed calling webhook');
  });

  it('helm upgrade, and the restarts that follow it, cause no failed review and keep caBundle and path', async () => {
    const scene = await underLoad('upgraded');
    const before = await readPublished(stage.plane);
    const timeouts = async () => {
      const { webhooks } = await scene.team.get<{ webhooks: { timeoutSeconds: number }[] }>(CONFIGURATION);
      return new Set(webhooks.map(({ timeoutSeconds }) => timeoutSeconds));
    };

    await upgradeChart(stage.plane, { ...VALUES, logLevel: 'debug', webhook: { timeoutSeconds: 7 } });
    expect(await timeouts()).toEqual(new Set([7]));
    expect(await readPublished(stage.plane)).toEqual(before);
    await restartWebhooks(scene);
    await upgradeChart(stage.plane, VALUES);
    expect(await timeouts()).toEqual(new Set([10]));
    expect(await readPublished(stage.plane)).toEqual(before);
    await scene.load.more(20);

    const report = await finish(scene, 'helm upgrade');
    expect(await failuresOf(scene, report)).toEqual([]);
  });

  it('controllers that restart, are killed and take over lose no Secret', async () => {
    const scene = await underLoad('led');

    expect(await stage.processes.controller(0).stop()).toBe(0);
    await scene.load.more(20);
    await stage.processes.startController(0);
    await untilLeader(0);
    await stage.processes.startController(1);
    await scene.load.more(20);
    await stage.processes.controller(0).kill();
    await untilLeader(1);
    await scene.load.more(20);
    await stage.processes.startController(0);
    await scene.load.more(20);
    expect(await stage.processes.controller(1).stop()).toBe(0);
    await untilLeader(0);

    const report = await finish(scene, 'controllers replaced');
    expect(await failuresOf(scene, report)).toEqual([]);
    await waitUntil('the Leases are gone', async () => (await scene.team.leases()).length === 0, {
      timeoutMs: 180_000,
      intervalMs: 1000,
    });
    await expectEveryPodOwnsItsSecret(scene.team, report);
  });
});

async function expectEveryPodOwnsItsSecret(team: Team, { pods }: LoadReport): Promise<void> {
  const owners = (await team.secrets()).flatMap(({ metadata }) => metadata.ownerReferences ?? []);
  const owning = owners.filter(({ kind }) => kind === 'Pod').map(({ name }) => name);
  expect(owning.toSorted()).toEqual([...pods].toSorted());
}
