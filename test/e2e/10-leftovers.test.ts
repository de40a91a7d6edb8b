import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { upgradeChart, VALUES } from './chart.ts';
import { readPublished } from './replica-client.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, podSpec, type Team } from './team.ts';

let stage: Stage;
let team: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'leftovers');
});

describe('without the MutatingWebhookConfiguration', () => {
  const reference = 'secretstore://vault/any/db#password';
  const env = [{ name: 'PASSWORD', value: reference }];

  beforeAll(async () => {
    await stage.plane.kubectl(['delete', 'mutatingwebhookconfiguration', 'latchkey']);
    await waitUntil('the API server calls us no more', async () =>
      (await team.create(bare('probe', env))).message.includes('[UNRESOLVED]'),
    );
  });

  afterAll(async () => {
    // As its operator would bring it back; caBundle and path are the controller's to add.
    await upgradeChart(stage.plane, VALUES);
    await waitUntil('the controller has published caBundle and path', () => readPublished(stage.plane));
    await waitUntil('the API server calls us again', async () => {
      const answer = await stage.plane.request<{ message?: string }>(
        'POST',
        `/api/v1/namespaces/${team.namespace}/pods?dryRun=All`,
        { body: bare('probe', [{ name: 'A', value: 'secretstore://none/key' }]) },
      );
      return answer.body.message?.includes('[STORE_NOT_FOUND]') ?? false;
    });
  });

  function podWith(spec: Readonly<Record<string, unknown>>): KubernetesObject {
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec: podSpec([], spec) };
  }

  it.each([
    ['a container', bare('one', env), 'container "app", env PASSWORD'],
    [
      'an init container',
      podWith({ initContainers: [{ name: 'init', image: 'i:1', env }] }),
      'container "init", env PASSWORD',
    ],
    [
      'a restartable init container',
      podWith({ initContainers: [{ name: 'side', image: 'i:1', restartPolicy: 'Always', env }] }),
      'container "side", env PASSWORD',
    ],
    [
      'a longer value',
      bare('one', [{ name: 'DSN', value: `postgres://app:\${${reference}}@db` }]),
      'container "app", env DSN',
    ],
    [
      'a reference to a ClusterSecretStore',
      bare('one', [{ name: 'A', value: `cluster${reference}` }]),
      'container "app", env A',
    ],
  ])('a Pod with an unresolved reference in %s is refused', async (_where, pod, place) => {
    const { status, message } = await team.create(pod);

    expect(status).toBe(422);
    expect(message).toContain(place);
    expect(message).toContain('[UNRESOLVED]');
  });

  it.each([
    ['latchkey.dev/env.PASSWORD', reference],
    ['latchkey.dev/env', `{PASSWORD: '${reference}'}`],
    ['latchkey.dev/env-from', 'secretstore://vault/any/db'],
    ['latchkey.dev/files', `{password: '${reference}'}`],
    ['latchkey.dev/external-secret', 'db'],
  ])('a Pod with the annotation %s is refused', async (annotation, text) => {
    const { status, message } = await team.create(bare('one', [], { annotations: { [annotation]: text } }));

    expect(status).toBe(422);
    expect(message).toContain(annotation);
    expect(message).toContain('[UNRESOLVED]');
  });

  it('an ephemeral container with an unresolved reference is refused, another is added', async () => {
    const created = await team.create(bare('debugged', []));
    const debug = (container: object) =>
      stage.plane.request<{ message?: string }>(
        'PATCH',
        `/api/v1/namespaces/${team.namespace}/pods/debugged/ephemeralcontainers`,
        { body: { spec: { ephemeralContainers: [container] } }, contentType: 'application/strategic-merge-patch+json' },
      );

    const refused = await debug({ name: 'debug', image: 'i:1', env });
    const added = await debug({ name: 'debug', image: 'i:1', env: [{ name: 'A', value: 'plain' }] });

    expect([created.status, refused.status, added.status]).toEqual([201, 422, 200]);
    expect(refused.body.message).toContain('container "debug", env PASSWORD');
    expect(refused.body.message).toContain('[UNRESOLVED]');
  });

  it.each([
    ['is left alone', bare('alone', env, { annotations: { 'latchkey.dev/inject': 'false' } })],
    ['asks for nothing', bare('plain', [{ name: 'A', value: 'plain' }])],
    ['only escapes what looks like a reference', bare('escaped', [{ name: 'A', value: `$\${${reference}}` }])],
  ])('a Pod that %s is created', async (_what, pod) => {
    const { status, message } = await team.create(pod);

    expect({ status, message }).toEqual({ status: 201, message: '' });
  });
});
