import { onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { createExternalSecretController } from '../../src/controller/external-secret/external-secret-controller.ts';
import { LatchkeyError } from '../../src/errors.ts';
import type { Definition } from '../../src/externalsecrets/definition.ts';
import { parseDefinition } from '../../src/externalsecrets/parse-definition.ts';
import type { Produced } from '../../src/externalsecrets/produced.ts';
import { KubeError, type KubeRequest } from '../../src/kube/client.ts';
import type { KubeEvent } from '../../src/kube/events.ts';
import { type KubeObject, objectKey } from '../../src/kube/kube-object.ts';
import { createMemoryCluster, type MemoryCluster } from '../../src/kube/memory/memory-cluster.ts';
import { applyObject, mergePatch } from '../../src/kube/server-side-apply.ts';
import { startReflector } from '../../src/kube/reflector.ts';
import type { Log } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { SecretValue } from '../../src/secret-value.ts';
import { createNamespaceIndex } from '../../src/stores/namespace-index.ts';
import { storeKey } from '../../src/stores/store-key.ts';
import type { Store } from '../../src/stores/store.ts';
import { aStore, needs } from './a-store.ts';
import { captureLog } from './captured-log.ts';
import { createFakeClock, settle } from './fake-clock.ts';

export const NAMESPACE = 'payments';
const SIGNAL = new AbortController().signal;
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const DEFINITIONS = `/apis/external-secrets.io/v1/namespaces/${NAMESPACE}/externalsecrets`;

/** An ExternalSecret `db` whose key `password` is the remote secret `db`, in the store `main`. */
export function aDefinition(spec: object = {}, metadata: object = {}, status?: object) {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', namespace: NAMESPACE, ...metadata },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { name: 'main' },
      data: [{ secretKey: 'password', remoteRef: { key: 'db' } }],
      ...spec,
    },
    ...(status && { status }),
  };
}

/** The same, read. */
export function parsedDefinition(spec: object = {}, metadata: object = {}): Definition {
  return parseDefinition(aDefinition(spec, { generation: 1, ...metadata }));
}

/** The store `main`, ours and read as the ServiceAccount `reader`. */
export function ourStore(settings: Partial<Store> = {}): Store {
  const identity = needs({ who: 'serviceAccount', serviceAccount: { name: 'reader' } });
  return { ...aStore({ name: 'main', needs: identity }), controller: 'latchkey', ...settings };
}

export function aSecret(data: Readonly<Record<string, string>>, metadata: object = {}, more: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db', namespace: NAMESPACE, ...metadata },
    stringData: data,
    ...more,
  };
}

export interface SceneOptions {
  readonly config?: string;
  readonly stores?: readonly Store[];
  readonly optedIn?: boolean;
  readonly cluster?: MemoryCluster;
}

/** A leader that syncs ExternalSecrets from a provider that `remote` stands for. */
export async function syncScene(manifests: readonly object[], options: SceneOptions = {}) {
  const labels = options.optedIn === false ? {} : { 'latchkey.dev/inject': 'enabled' };
  const requests: KubeRequest[] = [];
  const clock = createFakeClock();
  const seeded = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }, ...manifests];
  const cluster = options.cluster ?? createMemoryCluster(seeded, { clock });
  const client = {
    ...cluster,
    async request(request: KubeRequest) {
      requests.push(request);
      if (world.refuses(request)) throw new KubeError(503, 'ServiceUnavailable', 'not now');
      return cluster.request(request);
    },
  };
  const captured = captureLog();
  const { log } = captured;
  /** Remote secrets by key. */
  const remote = new Map<string, string>([['db', 'hunter2']]);
  const world = {
    reads: 0,
    failure: undefined as LatchkeyError | undefined,
    /** Requests that the API server does not serve just now. */
    refuses: (_request: KubeRequest) => false,
  };
  const stores = createStores(options.stores ?? [ourStore()]);
  const definitions = watchDefinitions(cluster, log, clock);
  const namespaces = createNamespaceIndex({ client: cluster, log, clock, random: () => 0.5 });
  const events: KubeEvent[] = [];
  const metrics = createMetrics();
  const controller = createExternalSecretController({
    client,
    config: parseConfig(options.config ?? ''),
    definitions,
    stores,
    namespaces,
    async produce(definition) {
      world.reads += 1;
      if (world.failure !== undefined) throw world.failure;
      return produceFrom(definition, remote);
    },
    events: { event: (event) => void events.push(event), flush: async () => {} },
    metrics,
    log,
    clock,
    random: () => 0.5,
  });
  const stopping = new AbortController();
  const running = controller.run(stopping.signal);
  onTestFinished(stop);
  await settled();

  return {
    clock,
    cluster,
    requests,
    remote,
    world,
    stores,
    events,
    captured,
    metrics: async () => (await metrics.render()).text,
    stop,
    secret: (name = 'db') => cluster.find('v1', 'Secret', NAMESPACE, name),
    values: (name = 'db') => valuesOf(cluster.find('v1', 'Secret', NAMESPACE, name)),
    ready: (name = 'db') => readyOf(cluster.find('external-secrets.io/v1', 'ExternalSecret', NAMESPACE, name)),
    status: (name = 'db') => cluster.find('external-secrets.io/v1', 'ExternalSecret', NAMESPACE, name)?.['status'],
    writes: () => requests.filter(({ method }) => method !== 'GET'),

    async advance(ms: number) {
      await clock.advance(ms);
      await settled();
    },
    async define(manifest: ReturnType<typeof aDefinition>) {
      const path = `${DEFINITIONS}/${manifest.metadata.name}`;
      await applyObject(cluster, path, manifest, { fieldManager: 'author', force: true, signal: SIGNAL });
      await settled();
    },
    async undefine(name = 'db') {
      await cluster.request({ method: 'DELETE', path: `${DEFINITIONS}/${name}` });
      await settled();
    },
    async label(changed: object) {
      const path = `/api/v1/namespaces/${NAMESPACE}`;
      await mergePatch(
        cluster,
        path,
        { metadata: { labels: changed } },
        { fieldManager: 'kubectl-label', signal: SIGNAL },
      );
      await settled();
    },
    async edit(body: object, name = 'db') {
      await mergePatch(cluster, `${SECRETS}/${name}`, { ...body }, { fieldManager: 'kubectl-edit', signal: SIGNAL });
    },
    async annotate(annotations: object, name = 'db') {
      const body = { metadata: { annotations } };
      await mergePatch(cluster, `${DEFINITIONS}/${name}`, body, { fieldManager: 'kubectl-annotate', signal: SIGNAL });
      await settled();
    },
    async deleteSecret(name = 'db') {
      await cluster.request({ method: 'DELETE', path: `${SECRETS}/${name}` });
    },
    settled,
  };

  async function stop(): Promise<void> {
    stopping.abort();
    await running;
    await Promise.all([definitions.stop(), namespaces.stop()]);
  }

  /** What waits for nothing but the cluster in memory is done. */
  async function settled(): Promise<void> {
    for (let round = 0; round < 12; round += 1) await settle();
  }
}

export function failure(code: LatchkeyError['code'], message = 'it failed'): LatchkeyError {
  return new LatchkeyError(code, message);
}

function produceFrom({ spec, labels, annotations }: Definition, remote: ReadonlyMap<string, string>): Produced {
  const found = spec.data.filter(({ remoteRef }) => remote.has(remoteRef.key));
  const missing = spec.data.filter((entry) => !found.includes(entry));
  const [first] = missing;
  if (first !== undefined && spec.target.deletionPolicy === 'Retain') {
    throw new LatchkeyError('SECRET_NOT_FOUND', `secret "${first.remoteRef.key}" does not exist`);
  }
  const data = found.map(({ secretKey, remoteRef }) => [secretKey, remote.get(remoteRef.key) ?? ''] as const);
  return {
    data: new Map(data.map(([key, text]) => [key, SecretValue.fromText(text)])),
    type: spec.target.template?.type,
    labels,
    annotations,
    finalizers: [],
    isEmpty: found.length === 0,
    missing: missing.map(({ remoteRef }) => `spec.data (key=${remoteRef.key})`),
  };
}

function createStores(initial: readonly Store[]) {
  const listeners = new Set<(key: string) => void>();
  const kept = new Map(initial.map((store) => [storeKey(store.kind, store.namespace, store.name), store]));
  return {
    synced: Promise.resolve(),
    get: (kind: Store['kind'], namespace: string, name: string) => kept.get(storeKey(kind, namespace, name)),
    onChange(listener: (key: string) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(store: Store) {
      const key = storeKey(store.kind, store.namespace, store.name);
      kept.set(key, store);
      for (const listener of listeners) listener(key);
    },
    remove({ kind, namespace, name }: Store) {
      kept.delete(storeKey(kind, namespace, name));
      for (const listener of listeners) listener(storeKey(kind, namespace, name));
    },
  };
}

function watchDefinitions(cluster: MemoryCluster, log: Log, clock: ReturnType<typeof createFakeClock>) {
  const kept = new Map<string, Definition>();
  const listeners = new Set<(key: string) => void>();
  const reflector = startReflector({
    client: cluster,
    path: '/apis/external-secrets.io/v1/externalsecrets',
    handler: {
      onUpsert(object) {
        change(
          objectKey(object.metadata.namespace, object.metadata.name),
          parseDefinition({ ...object, apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' }),
        );
      },
      onDelete: ({ namespace, name }) => change(objectKey(namespace, name), undefined),
    },
    log,
    clock,
    random: () => 0.5,
  });
  return {
    synced: reflector.synced,
    all: () => kept,
    onChange(listener: (key: string) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => reflector.stop(),
  };

  function change(key: string, definition: Definition | undefined): void {
    if (definition === undefined) kept.delete(key);
    else kept.set(key, definition);
    for (const listener of listeners) listener(key);
  }
}

function valuesOf(secret: KubeObject | undefined): Readonly<Record<string, string>> | undefined {
  if (secret === undefined) return undefined;
  const data = Object.entries((secret['data'] ?? {}) as Readonly<Record<string, string>>);
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

interface ReadyCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

function readyOf(object: KubeObject | undefined): ReadyCondition | undefined {
  const { conditions = [] } = (object?.['status'] ?? {}) as { readonly conditions?: readonly ReadyCondition[] };
  return conditions[0];
}
