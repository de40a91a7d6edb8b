import { beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { type AuditEvent, type AuditMark, auditLines, markAudit } from './audit-log.ts';
import { SYSTEM_NAMESPACE } from './chart.ts';
import { getStage, type Stage } from './stage.ts';
import {
  bare,
  createTeam,
  type EnvEntry,
  type PodObject,
  type SecretObject,
  type Team,
  untilRunning,
  workload,
} from './team.ts';

let stage: Stage;
let team: Team;
/** A Pod of the workload that the foreign Secret belongs to. */
let victim: PodObject;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'foreign');
  await team.put('db', { password: 'x' });
  await team.put('mail', { password: 'y' });
  await stage.plane.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'stranger', namespace: team.namespace } },
    ...['by-hand', `lk-${'0'.repeat(32)}`].map((name) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: team.namespace },
      stringData: { PASSWORD: 'by hand' },
    })),
  );
  await team.create(workload('Deployment', 'victim', { env: envOf('db') }));
  const [running] = await untilRunning(team, 'victim', 1);
  if (running === undefined) throw new Error('unreachable');
  victim = running;
});

function envOf(key: string) {
  return [{ name: 'PASSWORD', value: `secretstore://vault/${team.namespace}/${key}#password` }];
}

async function secret(name: string): Promise<SecretObject> {
  return team.get<SecretObject>(`/api/v1/namespaces/${team.namespace}/secrets/${name}`);
}

function secretOf({ spec }: PodObject): string {
  const [container] = spec['containers'] as { env: { valueFrom: { secretKeyRef: { name: string } } }[] }[];
  return container?.env[0]?.valueFrom.secretKeyRef.name ?? '';
}

/** What of ours names somebody else's Secret: a Pod that claims to be served already. */
function aClaim(name: string, plan: string, serviceAccountName = 'app'): KubernetesObject {
  const pod = bare(name, [], {
    labels: { 'latchkey.dev/injected': 'true' },
    annotations: { 'latchkey.dev/plan': plan },
  });
  return { ...pod, spec: { ...(pod['spec'] as object), serviceAccountName } };
}

/** The claim as it stands on the victim, or its like for a Secret of any name and either kind of owner. */
function planOf(name?: string, owner?: 'lease' | 'object'): string {
  const text = victim.metadata.annotations?.['latchkey.dev/plan'] ?? '';
  const plan = JSON.parse(text) as { secrets: { name: string; owner: string }[] };
  const secrets = plan.secrets.map((planned) => ({
    ...planned,
    name: name ?? planned.name,
    owner: owner ?? planned.owner,
  }));
  return JSON.stringify({ ...plan, secrets });
}

/** What we asked the API server about that Secret: not even an empty patch, our way to look, where no Pod of ours uses it. */
async function callsAbout(name: string, mark: AuditMark): Promise<readonly string[]> {
  const calls: string[] = [];
  for await (const line of auditLines(stage.plane, mark)) {
    if (!line.includes(`"name":"${name}"`)) continue;
    const { verb, user, objectRef } = JSON.parse(line) as AuditEvent;
    if (!user.username.startsWith(`system:serviceaccount:${SYSTEM_NAMESPACE}:`)) continue;
    if (objectRef?.resource === 'secrets' && objectRef.namespace === team.namespace) calls.push(verb);
  }
  return calls;
}

/** The controller begins work in the order of the Pods, and adopting for a later one takes it longer than a refusal. */
async function untilControllerIsThrough(name: string): Promise<void> {
  const { object } = await team.create(bare(name, envOf('mail')));
  await waitUntil('the controller adopts for a later Pod', async () => {
    const { metadata } = await secret(secretOf(object));
    return metadata.ownerReferences?.some((owner) => owner.name === name);
  });
}

/** The Secret before a Pod that names it, while the Pod is there, and when it is gone; and our calls about the Secret. */
async function watchedWith(pod: KubernetesObject, claimed: string) {
  const { name } = pod.metadata;
  const before = await secret(claimed);
  const mark = markAudit();

  const { status, message, object } = await team.create(pod);
  expect({ status, message }).toEqual({ status: 201, message: '' });
  expect(object.metadata.annotations).toEqual(pod.metadata['annotations']);
  await untilControllerIsThrough(`${name}-after`);
  const alive = await secret(claimed);
  await stage.plane.kubectl(['delete', 'pod', name, '-n', team.namespace]);
  await untilControllerIsThrough(`${name}-gone`);

  return { before, alive, gone: await secret(claimed), calls: await callsAbout(claimed, mark) };
}

describe('a Pod whose plan annotation names a foreign Secret changes nothing about it, alive or deleted', () => {
  it.each([
    ["by a copy of that workload's plan", 'copied', undefined],
    ['said to hang on a Lease', 'leased', 'lease'],
  ] as const)("when it is another workload's, %s", async (_how, name, owner) => {
    const { before, alive, gone } = await watchedWith(aClaim(name, planOf(undefined, owner)), secretOf(victim));

    expect(alive).toEqual(before);
    expect(gone).toEqual(before);
  });

  it.each([
    ['of no form that we write', 'by-hand'],
    ['of our form', `lk-${'0'.repeat(32)}`],
  ])('when somebody made it by hand with a name %s', async (_form, name) => {
    const { before, alive, gone, calls } = await watchedWith(aClaim(`of-${name}`, planOf(name, 'lease')), name);

    expect(alive).toEqual(before);
    expect(gone).toEqual(before);
    expect(calls).toEqual([]);
  });

  it("when it is a bare Pod's and the ServiceAccount is another", async () => {
    const { object } = await team.create(bare('neighbour', envOf('db')));
    const name = secretOf(object);
    await waitUntil(
      'only the Pod owns its Secret',
      async () => (await secret(name)).metadata.ownerReferences?.map((owner) => owner.kind).join() === 'Pod',
      { timeoutMs: 90_000 },
    );
    const plan = object.metadata.annotations?.['latchkey.dev/plan'] ?? '';

    const { before, alive, gone } = await watchedWith(aClaim('stranger', plan, 'stranger'), name);

    expect(alive).toEqual(before);
    expect(gone).toEqual(before);
  });
});

it('a copied Pod, references and all, gets a Secret of its own', async () => {
  const before = await secret(secretOf(victim));
  const [{ env }] = victim.spec['containers'] as [{ env: readonly EnvEntry[] }];
  const copy = bare('copy', env, {
    labels: { 'latchkey.dev/injected': 'true' },
    annotations: victim.metadata.annotations,
  });

  const { status, message, object } = await team.create(copy);

  expect({ status, message }).toEqual({ status: 201, message: '' });
  expect(secretOf(object)).toMatch(/^lk-/);
  expect(secretOf(object)).not.toBe(secretOf(victim));
  expect((await secret(secretOf(object))).data).toEqual(before.data);
  await stage.plane.kubectl(['delete', 'pod', 'copy', '-n', team.namespace]);
  expect(await secret(secretOf(victim))).toEqual(before);
});
