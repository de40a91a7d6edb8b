import { beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { getStage, type Stage } from './stage.ts';
import {
  bare,
  createTeam,
  decode,
  type EnvEntry,
  podSpec,
  type SecretObject,
  type Team,
  untilRunning,
  workload,
} from './team.ts';

/** A replica trusts its own write for 30 s, and a cached value lives 5 s more. */
const SOON = { timeoutMs: 60_000, intervalMs: 3_000 };

let stage: Stage;

beforeAll(async () => {
  stage = await getStage();
});

async function aTeam(title: string): Promise<{ readonly team: Team; readonly env: readonly EnvEntry[] }> {
  const team = await createTeam(stage, title);
  await team.put('db', { password: 'first' });
  return { team, env: [{ name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` }] };
}

async function onlySecret(team: Team): Promise<SecretObject> {
  const [secret, ...others] = await team.secrets();
  if (secret === undefined || others.length > 0) throw new Error(`${others.length} more Secrets than one`);
  return secret;
}

/** Who wrote its data. A second writer would have to fight the first one for every change. */
function writersOf({ metadata }: SecretObject): readonly string[] {
  const fields = metadata['managedFields'] as readonly { manager: string; operation: string; fieldsV1: object }[];
  return fields
    .filter(({ fieldsV1 }) => Object.hasOwn(fieldsV1, 'f:data'))
    .map(({ manager, operation }) => `${manager} ${operation}`);
}

describe('a remote value that changes during a rollout', () => {
  it('reaches the Secret with the next Pods, and all of them are admitted', async () => {
    const { team, env } = await aTeam('rotated');
    await team.create(workload('Deployment', 'api', { replicas: 1, env }));
    await untilRunning(team, 'api', 1);
    const before = await onlySecret(team);
    let replicas = 1;

    await team.put('db', { password: 'second' });
    await waitUntil(
      'the new value',
      async () => {
        replicas += 1;
        await stage.plane.kubectl(['scale', '-n', team.namespace, 'deployment/api', `--replicas=${replicas}`]);
        await untilRunning(team, 'api', replicas);
        return decode(await onlySecret(team), 'PASSWORD') === 'second';
      },
      SOON,
    );

    const after = await onlySecret(team);
    expect(decode(before, 'PASSWORD')).toBe('first');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(writersOf(after)).toEqual(['latchkey Apply']);
    expect((await team.events()).filter(({ reason }) => reason === 'FailedCreate')).toEqual([]);
  });

  it('reaches it as well after the controller wrote the Secret', async () => {
    const { team, env } = await aTeam('refilled');
    const pending = (name: string): KubernetesObject => ({
      ...bare(name, env),
      spec: podSpec(env, { nodeSelector: { nowhere: 'true' } }),
    });
    await team.create(pending('first'));
    const written = await onlySecret(team);
    const refilled = await refillByController(team, written);
    expect(decode(refilled, 'PASSWORD')).toBe('first');

    await team.put('db', { password: 'second' });
    const statuses: number[] = [];
    await waitUntil(
      'the new value',
      async () => {
        statuses.push((await team.create(pending(`next-${statuses.length}`))).status);
        return decode(await onlySecret(team), 'PASSWORD') === 'second';
      },
      SOON,
    );

    const rewritten = await onlySecret(team);
    expect(new Set(statuses)).toEqual(new Set([201]));
    expect(rewritten.metadata.uid).toBe(refilled.metadata.uid);
    expect(writersOf(rewritten)).toEqual(['latchkey Apply']);
    const owners = ['first', ...statuses.map((_, index) => `next-${index}`)];
    await waitUntil('every Pod owns the Secret', async () => {
      const names = (await onlySecret(team)).metadata.ownerReferences?.map(({ name }) => name) ?? [];
      return owners.every((name) => names.includes(name));
    });
    expect(decode(await refillByController(team, rewritten), 'PASSWORD')).toBe('second');
    expect(stage.checker.missing).toEqual([]);
  });
});

/** Somebody deletes the Secret of a Pod that has not started; no Pod is created, so only the controller can bring it back. */
async function refillByController(team: Team, { metadata }: SecretObject): Promise<SecretObject> {
  await stage.plane.kubectl(['delete', 'secret', metadata.name, '-n', team.namespace]);
  await stage.processes.controller(0).stop(); // it looks at every Secret when it starts, and every ten minutes
  await stage.processes.startController(0);
  return waitUntil('the Secret is back', async () => onlySecret(team), { timeoutMs: 60_000 });
}
