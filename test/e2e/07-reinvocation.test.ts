import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { type InjectingWebhook, startInjectingWebhook } from './injecting-webhook.ts';
import { parseResponse, postToReplica, readPublished, reviewOf } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, type PodObject, type Team, untilRunning, workload } from './team.ts';
import { variablesOf } from './variables.ts';
import { callsOfRole } from './vault-traffic.ts';

let stage: Stage;
let team: Team;
let injector: InjectingWebhook;
/** Every remote secret is read by one reference only, so that a second read of one is a read for nothing. */
let reference: (key: string) => string;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'reinvoked');
  reference = (key) => `secretstore://vault/${team.namespace}/${key}#value`;
  for (const key of ['own', 'annotated', 'injected']) await team.put(key, { value: `of ${key}` });
  injector = await startInjectingWebhook(stage.plane, team.namespace, {
    name: 'sidecar',
    image: 'sidecar:1',
    env: [{ name: 'INJECTED', value: reference('injected') }],
  });
  await waitUntil('Pods get a sidecar', async () => {
    const path = `/api/v1/namespaces/${team.namespace}/pods?dryRun=All`;
    const { body } = await stage.plane.request<PodObject>('POST', path, { body: bare('probe', []) });
    return Object.keys(variablesOf(body, [])).length === 2;
  });
});

afterAll(async () => {
  await injector.stop();
});

async function readsSince(startedMs: number): Promise<readonly string[]> {
  const calls = await callsOfRole(stage.vault, team.namespace, startedMs);
  return calls.filter(({ kind }) => kind === 'read').map(({ path }) => path.split('/').at(-1) ?? '');
}

/** The annotation's variable came in the first round, before there was a sidecar. */
const ALL = {
  app: { ANNOTATED: 'of annotated', OWN: 'of own' },
  sidecar: { INJECTED: 'of injected' },
};

describe('a container that a later webhook injects', () => {
  it('gets its value in a second round, which reads and plans nothing again', async () => {
    const startedMs = Date.now();
    const injected = injector.injected;
    const pod = bare('one', [{ name: 'OWN', value: reference('own') }], {
      annotations: { 'latchkey.dev/env.ANNOTATED': reference('annotated') },
    });

    const { status, message, object } = await team.create(pod);

    expect({ status, message }).toEqual({ status: 201, message: '' });
    expect(injector.injected).toBe(injected + 1);
    expect(variablesOf(object, await team.secrets())).toEqual(ALL);
    expect((await readsSince(startedMs)).toSorted()).toEqual(['annotated', 'injected', 'own']);
    expect(await team.secrets()).toHaveLength(2);
    const plan = JSON.parse(object.metadata.annotations?.['latchkey.dev/plan'] ?? '') as { secrets: object[] };
    expect(plan.secrets).toHaveLength(2);
    await waitUntil('the Pod owns both Secrets', async () =>
      (await team.secrets()).every(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === 'one')),
    );
  });

  it.each([0, 1])('makes no difference in a third round, on replica %i', async (replica) => {
    const stored = await team.get<PodObject>(`/api/v1/namespaces/${team.namespace}/pods/one`);
    const published = await readPublished(stage.plane);
    if (published === undefined) throw new Error('the configuration is not published');
    const startedMs = Date.now();
    const before = await team.secrets();

    const review = JSON.stringify(reviewOf(team.namespace, stored));
    const response = parseResponse(await postToReplica(stage, replica, review, published));

    expect(response.allowed).toBe(true);
    expect(response.patch).toBeUndefined();
    expect(await readsSince(startedMs)).toEqual([]);
    expect((await team.secrets()).map(({ data }) => data)).toEqual(before.map(({ data }) => data));
  });

  it('belongs to each Pod of a Deployment, which all share two Secrets', async () => {
    const env = [{ name: 'OWN', value: reference('own') }];
    const annotations = { 'latchkey.dev/env.ANNOTATED': reference('annotated') };

    await team.create(workload('Deployment', 'api', { replicas: 3, env, annotations }));

    const pods = await untilRunning(team, 'api', 3);
    const secrets = await team.secrets();
    for (const pod of pods) expect(variablesOf(pod, secrets)).toEqual(ALL);
    const owned = secrets.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'ReplicaSet');
    expect(owned).toHaveLength(2);
    expect(stage.checker.missing).toEqual([]);
  });
});
