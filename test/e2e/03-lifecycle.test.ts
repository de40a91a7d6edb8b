import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, decode, podSpec, type SecretObject, type Team } from './team.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await getStage();
});

async function aTeam(title: string): Promise<{ readonly team: Team; readonly env: { name: string; value: string }[] }> {
  const team = await createTeam(stage, title);
  await team.put('db', { password: 'x' });
  return { team, env: [{ name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/db#password` }] };
}

function ownersOf(secret: SecretObject | undefined): readonly string[] {
  return (secret?.metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`);
}

describe('a Pod without a revision above it', () => {
  it('becomes the owner of its Secret, which goes with it', async () => {
    const { team, env } = await aTeam('bare');

    const { status, message } = await team.create(bare('one', env));

    expect({ status, message }).toEqual({ status: 201, message: '' });
    await waitUntil('the Pod owns the Secret', async () => ownersOf((await team.secrets())[0]).includes('Pod one'));
    expect(decode((await team.secrets())[0], 'PASSWORD')).toBe('x');
    await waitUntil('the expired Lease is gone', async () => (await team.leases()).length === 0, {
      timeoutMs: 120_000,
    });
    await waitUntil('only the Pod owns it', async () => ownersOf((await team.secrets())[0]).join() === 'Pod one');
    await stage.plane.kubectl(['delete', 'pod', 'one', '-n', team.namespace]);
    await waitUntil('the Secret is gone', async () => (await team.secrets()).length === 0);
  });

  it('shares the Secret with another of the same plan, also under generateName', async () => {
    const { team, env } = await aTeam('generated');
    const pod = { ...bare('', env), metadata: { generateName: 'worker-' } };

    const created = await Promise.all([1, 2, 3].map(() => team.create(pod)));

    expect(created.map(({ status }) => status)).toEqual([201, 201, 201]);
    const names = created.map(({ object }) => `Pod ${object.metadata.name}`);
    await waitUntil('all three own it', async () => {
      const owners = (await team.secrets()).flatMap(ownersOf);
      return names.every((name) => owners.includes(name));
    });
    expect(await team.secrets()).toHaveLength(1);
  });

  it('leaves nothing behind when a later policy refuses it', async () => {
    const { team, env } = await aTeam('refused');
    stage.checker.refuse.add('unwanted');

    const { status, message } = await team.create(bare('unwanted', env));

    expect(status).toBe(403);
    expect(message).toContain('a later policy refuses this Pod');
    await waitUntil(
      'Lease and Secret are gone',
      async () => (await team.leases()).length + (await team.secrets()).length === 0,
      { timeoutMs: 120_000 },
    );
  });

  it('keeps its Secret when the controller was away for longer than the Lease', async () => {
    const { team, env } = await aTeam('away');
    await stage.processes.controller(0).stop();

    await team.create(bare('one', env));
    const refused = bare('unwanted', [
      ...env,
      { name: 'OTHER', value: `secretstore://vault/${team.namespace}/db#password` },
    ]);
    await team.create(refused);
    expect(await team.secrets()).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 32_000)); // longer than leaseDuration
    await stage.processes.startController(0);

    await waitUntil('the refused Pod left nothing', async () => (await team.secrets()).length === 1, {
      timeoutMs: 120_000,
    });
    await waitUntil('the Leases are gone', async () => (await team.leases()).length === 0, { timeoutMs: 120_000 });
    const [secret] = await team.secrets();
    expect(ownersOf(secret)).toEqual(['Pod one']);
    expect(decode(secret, 'PASSWORD')).toBe('x');
  });

  it('gets its Secret back when somebody deletes it before the Pod started', async () => {
    const { team, env } = await aTeam('deleted');
    const pod = { ...bare('one', env), spec: podSpec(env, { nodeSelector: { nowhere: 'true' } }) };
    await team.create(pod);
    await waitUntil('the Pod owns the Secret', async () => ownersOf((await team.secrets())[0]).includes('Pod one'));
    const [secret] = await team.secrets();

    await stage.plane.kubectl(['delete', 'secret', secret?.metadata.name ?? '', '-n', team.namespace]);
    await stage.processes.controller(0).stop();
    await stage.processes.startController(0);

    await waitUntil('it is there again', async () => (await team.secrets()).length === 1, { timeoutMs: 60_000 });
    await waitUntil('the Pod owns it', async () => ownersOf((await team.secrets())[0]).includes('Pod one'));
    const [filled] = await team.secrets();
    expect(filled?.metadata.uid).not.toBe(secret?.metadata.uid);
    expect(decode(filled, 'PASSWORD')).toBe('x');
  });
});
