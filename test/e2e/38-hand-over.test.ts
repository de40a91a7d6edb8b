import { createHash } from 'node:crypto';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildPlane } from '../plane/build.ts';
import { type Plane, startPlane } from '../plane/plane.ts';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { upgradeChart } from './chart.ts';
import { createProcesses, type Processes } from './processes.ts';
import { getStage } from './stage.ts';

const NAMESPACE = 'shop';
const KINDS = ['secretstore', 'clustersecretstore', 'externalsecret', 'clusterexternalsecret'] as const;
/** Under which External Secrets writes the Secret of the definition `db`. */
const THEIR_MANAGER = 'externalsecrets.external-secrets.io/db';
/** Longer than a drift check and a look at what is due. */
const QUIET_MS = 8000;
const DEFINITION_PATH = `/apis/external-secrets.io/v1/namespaces/${NAMESPACE}/externalsecrets/db`;
const SECRET_PATH = `/api/v1/namespaces/${NAMESPACE}/secrets/db`;

interface Field {
  readonly manager: string;
  readonly operation: string;
}

interface StoredSecret extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly managedFields: readonly Field[];
  };
  readonly data: Readonly<Record<string, string>>;
}

interface StoredDefinition extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly uid: string };
  readonly status?: { readonly refreshTime?: string; readonly conditions?: readonly { readonly message: string }[] };
}

let plane: Plane;
let processes: Processes;

// A cluster of its own, because here the definitions are not ours.
beforeAll(async () => {
  const built = await buildPlane();
  if (!built.ok) throw new Error(built.reason);
  const stage = await getStage();
  plane = await startPlane({ parts: built.parts });
  await symlink(join(stage.plane.directory, 'dist'), join(plane.directory, 'dist'));
  await installTheirDefinitions();
  await createTheirObjects();
  // The chart's own defaults: it brought no definitions, so stores without a class are not ours.
  await upgradeChart(plane, { config: { externalSecrets: { driftCheckInterval: '5s' } } });
  processes = await createProcesses(plane);
  await processes.startController(2);
});

afterAll(async () => {
  await plane.stop();
});

/** As External Secrets' chart has them: `v1beta1` is not served any more. */
async function installTheirDefinitions(): Promise<void> {
  for (const kind of KINDS) {
    const text = await readFile(new URL(`../../charts/latchkey/files/crds/${kind}.yaml`, import.meta.url), 'utf8');
    const definition = parse(text) as KubernetesObject & { spec: { versions: { name: string; served: boolean }[] } };
    const versions = definition.spec.versions.map((version) => ({ ...version, served: version.name === 'v1' }));
    const labels = { 'external-secrets.io/component': 'controller' };
    await plane.apply({
      ...definition,
      metadata: { name: definition.metadata.name, labels },
      spec: { ...definition.spec, versions },
    });
  }
  await waitUntil('the definitions are served', async () => {
    const { status } = await plane.request('GET', '/apis/external-secrets.io/v1/externalsecrets');
    return status === 200;
  });
}

async function createTheirObjects(): Promise<void> {
  await plane.apply(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels: { 'latchkey.dev/inject': 'enabled' } },
    },
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 'team', namespace: NAMESPACE },
      spec: {
        provider: {
          fake: {
            data: [
              { key: 'db', value: '{"user":"app","password":"s3cr3t"}' },
              { key: 'more', value: '{"user":"more"}' },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: 'db', namespace: NAMESPACE },
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { name: 'team', kind: 'SecretStore' },
        target: { name: 'db' },
        dataFrom: [{ extract: { key: 'db' } }],
      },
    },
  );
  await writeAsTheyDo({ user: 'app', password: 's3cr3t', old: 'of an earlier definition' });
}

/** What External Secrets' controller does at a sync: an update, and a status. */
async function writeAsTheyDo(data: Readonly<Record<string, string>>): Promise<void> {
  const definition = await get<StoredDefinition>(DEFINITION_PATH);
  const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db' };
  const existing = await plane.request<StoredSecret>('GET', SECRET_PATH);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'db',
      namespace: NAMESPACE,
      labels: {
        'reconcile.external-secrets.io/managed': 'true',
        'reconcile.external-secrets.io/created-by': createHash('sha3-224').update(`${NAMESPACE}/db`).digest('hex'),
      },
      annotations: { 'reconcile.external-secrets.io/data-hash': '0'.repeat(56) },
      ownerReferences: [{ ...owner, uid: definition.metadata.uid, controller: true, blockOwnerDeletion: true }],
      ...(existing.status === 200 ? { resourceVersion: existing.body.metadata.resourceVersion } : {}),
    },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
  const query = `?fieldManager=${encodeURIComponent(THEIR_MANAGER)}`;
  const [method, path] =
    existing.status === 200 ? ['PUT', SECRET_PATH] : ['POST', `/api/v1/namespaces/${NAMESPACE}/secrets`];
  const { status, text } = await plane.request(method ?? '', `${path}${query}`, { body: secret });
  if (status >= 300) throw new Error(text);
  const message = 'secret synced';
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'SecretSynced', message, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ];
  await plane.request('PATCH', `${DEFINITION_PATH}/status`, {
    body: { status: { conditions, refreshTime: new Date().toISOString(), syncedResourceVersion: '1-theirs' } },
    contentType: 'application/merge-patch+json',
  });
}

async function get<T>(path: string): Promise<T> {
  const { status, body, text } = await plane.request<T>('GET', path);
  if (status !== 200) throw new Error(text);
  return body;
}

async function patch(path: string, body: object): Promise<void> {
  const { status, text } = await plane.request('PATCH', path, { body, contentType: 'application/merge-patch+json' });
  if (status !== 200) throw new Error(text);
}

async function setClass(controller: string | null): Promise<void> {
  await patch(`/apis/external-secrets.io/v1/namespaces/${NAMESPACE}/secretstores/team`, { spec: { controller } });
}

function managersOf({ metadata }: StoredSecret): readonly string[] {
  return metadata.managedFields.map(({ manager, operation }) => `${manager} ${operation}`).toSorted();
}

describe('a store that External Secrets serves', () => {
  let uid: string;

  it('and all that comes from it is left alone', async () => {
    const before = await get<StoredSecret>(SECRET_PATH);
    const definition = await get<StoredDefinition>(DEFINITION_PATH);
    uid = before.metadata.uid;

    await delay(QUIET_MS);

    expect(await get(SECRET_PATH)).toEqual(before);
    expect(await get(DEFINITION_PATH)).toEqual(definition);
  });

  it('is taken over by its class: the same Secret, without what no definition names, written by us alone', async () => {
    await setClass('latchkey');

    const secret = await waitUntil('the Secret is ours', async () => {
      const found = await get<StoredSecret>(SECRET_PATH);
      return managersOf(found).includes('latchkey Apply') && !('old' in found.data) && found;
    });
    expect(secret.metadata.uid).toBe(uid);
    expect(Object.keys(secret.data).toSorted()).toEqual(['password', 'user']);
    expect(managersOf(secret).filter((manager) => manager.startsWith('externalsecrets.'))).toEqual([]);

    await patch(DEFINITION_PATH, { spec: { dataFrom: [{ extract: { key: 'more' } }] } });

    const changed = await waitUntil('the definition counts', async () => {
      const found = await get<StoredSecret>(SECRET_PATH);
      return !('password' in found.data) && found;
    });
    expect(changed.metadata.uid).toBe(uid);
    expect(changed.data).toEqual({ user: Buffer.from('more').toString('base64') });
  });

  it('is handed back in the same way: we write nothing any more, and the Secret stays', async () => {
    await setClass(null);
    await delay(1000);
    await writeAsTheyDo({ user: 'theirs', password: 'theirs' });
    const theirs = await get<StoredSecret>(SECRET_PATH);
    await patch(DEFINITION_PATH, { metadata: { annotations: { 'force-sync': 'now' } } });
    const definition = await get<StoredDefinition>(DEFINITION_PATH);

    await delay(QUIET_MS);

    expect(await get(SECRET_PATH)).toEqual(theirs);
    expect(await get(DEFINITION_PATH)).toEqual(definition);
    expect(theirs.metadata.uid).toBe(uid);
    expect(theirs.data).toEqual({
      user: Buffer.from('theirs').toString('base64'),
      password: Buffer.from('theirs').toString('base64'),
    });
  });

  it('is as before when Latchkey is uninstalled', async () => {
    await processes.controller(2).stop();
    await plane.helm(['uninstall', 'latchkey', '--namespace', 'latchkey-system', '--wait']);

    const secret = await get<StoredSecret>(SECRET_PATH);

    expect(secret.metadata.uid).toBe(uid);
    expect((await get<StoredDefinition>(DEFINITION_PATH)).metadata.uid).toEqual(expect.any(String));
  });
});
