import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { getStage, type Stage } from './stage.ts';
import { createSyncingTeam, type SyncingTeam } from './syncing-team.ts';
import { decode, type PodObject, podSpec, untilRunning, workload } from './team.ts';

const ROUNDS = 50;
const AT_A_TIME = 5;
const MISSING_MS = 2_000;
const VALUES = { password: 'hunter2', user: 'app' };
const REGISTRY = '{"auths":{"registry.example":{"auth":"YXBwOmh1bnRlcjI="}}}';

let stage: Stage;
let team: SyncingTeam;

beforeAll(async () => {
  stage = await getStage();
  team = await createSyncingTeam(stage, 'race');
  await team.put('db', VALUES);
  await team.put('registry', { '.dockerconfigjson': REGISTRY });
});

function definition(name: string, store: string, spec: object = {}) {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: team.namespace },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { name: store },
      dataFrom: [{ extract: { key: `${team.namespace}/db` } }],
      ...spec,
    },
  };
}

function fromKey(name: string, secret: string, key: string) {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** A Deployment whose variables are the keys of a Secret. */
function deployment(name: string, secret: string, replicas = 1) {
  const containers = [
    { name: 'app', image: 'app:1', env: Object.keys(VALUES).map((key) => fromKey(key, secret, key)) },
  ];
  const { metadata, ...rest } = workload('Deployment', name, { replicas, podSpec: { containers } });
  return { ...rest, metadata: { ...metadata, namespace: team.namespace } };
}

async function apply(...objects: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await stage.plane.kubectl(['apply', '--filename', '-'], { input });
}

function missing(): readonly string[] {
  return stage.checker.missing.filter((line) => line.startsWith(`${team.namespace}/`));
}

/** What takes a Secret in the Pod, by place. */
function secretsUsed({ spec }: PodObject) {
  const { containers, initContainers, volumes, imagePullSecrets } = spec as unknown as {
    readonly containers: readonly { readonly env: readonly ReturnType<typeof fromKey>[] }[];
    readonly initContainers: readonly {
      readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
    }[];
    readonly volumes: readonly {
      readonly secret?: { readonly secretName: string };
      readonly projected?: { readonly sources: readonly { readonly secret?: { readonly name: string } }[] };
    }[];
    readonly imagePullSecrets: readonly { readonly name: string }[];
  };
  return {
    env: containers.flatMap(({ env }) => env.map(({ valueFrom }) => valueFrom.secretKeyRef.name)),
    envFrom: initContainers.flatMap(({ envFrom }) => envFrom.map(({ secretRef }) => secretRef.name)),
    volumes: volumes.flatMap(({ secret }) => secret?.secretName ?? []),
    projected: volumes.flatMap(({ projected }) => projected?.sources.flatMap(({ secret }) => secret?.name ?? []) ?? []),
    imagePullSecrets: imagePullSecrets.map(({ name }) => name),
  };
}

describe('an ExternalSecret and a Deployment that uses its Secret', () => {
  it(`have every key in the moment each Pod is stored when they are applied together, ${ROUNDS} of ${ROUNDS}`, async () => {
    const keysBefore = stage.checker.keys;
    const rounds = Array.from({ length: ROUNDS }, (_, round) => `together-${round}`);

    for (let start = 0; start < ROUNDS; start += AT_A_TIME) {
      const some = rounds.slice(start, start + AT_A_TIME);
      await Promise.all(some.map((name) => apply(definition(name, 'named'), deployment(name, name))));
    }
    for (const name of rounds) await untilRunning(team, name, 1);

    expect(missing()).toEqual([]);
    expect(stage.checker.keys - keysBefore).toBeGreaterThanOrEqual(ROUNDS * Object.keys(VALUES).length);
  });

  it('waits once for all Pods of a Deployment, and for the definition as it was changed last', async () => {
    await apply(definition('changed', 'named'), deployment('changed-before', 'changed'));
    await untilRunning(team, 'changed-before', 1);
    const data = [{ secretKey: 'password', remoteRef: { key: `${team.namespace}/db`, property: 'user' } }];

    await apply(definition('changed', 'named', { data }), deployment('changed-after', 'changed', 5));
    await untilRunning(team, 'changed-after', 5);

    expect(await team.values('changed')).toEqual({ user: 'app', password: 'app' });
    expect(missing()).toEqual([]);
  });

  it(`have the Secret within ${MISSING_MS} ms of the definition where the Pod came first`, async () => {
    await apply(deployment('early', 'late'));
    await waitUntil('the Pod is there', async () => (await team.pods('app=early')).length === 1);

    await apply(definition('late', 'named'));

    await expect.poll(() => team.values('late'), { timeout: MISSING_MS, interval: 20 }).toEqual(VALUES);
  });
});

describe('a Pod whose ExternalSecret cannot be synced', () => {
  it('is refused with what its condition says', async () => {
    await apply(definition('broken', 'named', { dataFrom: [{ extract: { key: `${team.namespace}/nothing` } }] }));
    await team.untilReady('broken', 'SecretSyncedError');

    const { status, message } = await team.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'refused' },
      spec: { ...podSpec([]), containers: [{ name: 'app', image: 'app:1', env: [fromKey('A', 'broken', 'a')] }] },
    });

    expect(status).toBe(503);
    expect(message).toContain(
      'container "app", env A, ExternalSecret "broken": its Secret "broken" is not there yet: ',
    );
    expect(message).toContain('[EXTERNAL_SECRET_NOT_READY]');
  });
});

describe('an ExternalSecret whose store names no identity', () => {
  const spec = {
    initContainers: [{ name: 'init', image: 'init:1', envFrom: [{ secretRef: { name: 'own' } }] }],
    containers: [{ name: 'app', image: 'app:1', env: [fromKey('PASSWORD', 'own', 'password')] }],
    volumes: [
      { name: 'files', secret: { secretName: 'own' } },
      { name: 'all', projected: { sources: [{ secret: { name: 'own' } }] } },
    ],
    imagePullSecrets: [{ name: 'registry' }],
  };

  it('gives each Deployment copies of its own, in every place that takes the Secret', async () => {
    const type = 'kubernetes.io/dockerconfigjson';
    const dataFrom = [{ extract: { key: `${team.namespace}/registry` } }];
    await apply(
      definition('own', 'vault'),
      definition('registry', 'vault', { target: { template: { type } }, dataFrom }),
    );
    await team.untilReady('own', 'ReadByPods');

    for (const name of ['copies-a', 'copies-b']) await team.create(workload('Deployment', name, { podSpec: spec }));
    const pods = await Promise.all(['copies-a', 'copies-b'].map((name) => untilRunning(team, name, 1)));

    const used = pods.flat().map(secretsUsed);
    const names = used.map(({ env, imagePullSecrets }) => [...env, ...imagePullSecrets]);
    for (const [index, [own = '', registry = '']] of names.entries()) {
      expect(used[index]).toMatchObject({ envFrom: [own], volumes: [own], imagePullSecrets: [registry] });
      expect(used[index]?.projected).toContain(own);
    }
    expect(new Set(names.flat()).size).toBe(4);
    const secrets = (await team.secrets()).filter(({ metadata }) => names.flat().includes(metadata.name));
    const held = secrets.map((secret) => [
      secret.type,
      decode(secret, 'password') ?? decode(secret, '.dockerconfigjson'),
    ]);
    expect(held.map((pair) => pair.join(' ')).toSorted()).toEqual([
      `Opaque ${VALUES.password}`,
      `Opaque ${VALUES.password}`,
      `${type} ${REGISTRY}`,
      `${type} ${REGISTRY}`,
    ]);
    expect(secrets.flatMap(({ metadata }) => metadata.ownerReferences?.map(({ kind }) => kind))).toEqual(
      Array.from({ length: 4 }, () => 'ReplicaSet'),
    );
    expect(await team.secret('own')).toBeUndefined();
    expect(missing().filter((line) => line.includes('copies-'))).toEqual([]);
  });

  it('gives a bare Pod a copy that is the Pod’s in the end', async () => {
    await team.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'alone' },
      spec: { ...podSpec([]), ...spec },
    });

    const pod = await team.get<PodObject>(`/api/v1/namespaces/${team.namespace}/pods/alone`);
    const [name] = secretsUsed(pod).env;
    const adopted = await waitUntil('the Pod owns its copy', async () => {
      const secret = (await team.secrets()).find(({ metadata }) => metadata.name === name);
      return secret?.metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid) === true
        ? secret
        : undefined;
    });
    expect(decode(adopted, 'password')).toBe(VALUES.password);
  });

  it('has a copy made again that was deleted', async () => {
    const pod = await team.get<PodObject>(`/api/v1/namespaces/${team.namespace}/pods/alone`);
    const [name = ''] = secretsUsed(pod).env;
    await stage.plane.kubectl(['delete', 'secret', name, '-n', team.namespace]);

    await stage.processes.controller(0).stop();
    await stage.processes.startController(0);

    await expect.poll(() => team.values(name), { timeout: 60_000 }).toEqual(VALUES);
  });

  it('is copied into an ephemeral container too', async () => {
    const path = `/api/v1/namespaces/${team.namespace}/pods/alone/ephemeralcontainers`;
    const debug = { name: 'debug', image: 'debug:1', env: [fromKey('PASSWORD', 'own', 'password')] };

    const { status, body } = await stage.plane.request<PodObject>('PATCH', path, {
      body: { spec: { ephemeralContainers: [debug] } },
      contentType: 'application/strategic-merge-patch+json',
    });

    const [container] = body.spec['ephemeralContainers'] as readonly (typeof debug)[];
    expect(status).toBe(200);
    expect(await team.values(container?.env[0]?.valueFrom.secretKeyRef.name ?? '')).toEqual(VALUES);
  });
});
