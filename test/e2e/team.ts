import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import type { Stage } from './stage.ts';

/** One opted-in namespace with a ServiceAccount `app` that may read `secret/<namespace>/*` in Vault, and a store `vault`. */
export interface Team {
  readonly namespace: string;
  /** Writes `secret/<namespace>/<key>`. */
  put(key: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  create(object: KubernetesObject | Readonly<Record<string, unknown>>): Promise<CreateAnswer>;
  pods(selector?: string): Promise<readonly PodObject[]>;
  secrets(): Promise<readonly SecretObject[]>;
  leases(): Promise<readonly KubernetesObject[]>;
  get<T = KubernetesObject>(path: string): Promise<T>;
  events(): Promise<readonly EventView[]>;
}

export interface EventView {
  readonly reason: string;
  readonly message: string;
  /** Kind and name, such as `ReplicaSet api-5d8f`. */
  readonly regarding: string;
}

export interface CreateAnswer {
  readonly status: number;
  readonly message: string;
  readonly object: PodObject;
}

export interface PodObject extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly uid: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: { readonly phase?: string };
}

export interface SecretObject extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly uid: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly type: string;
}

let count = 0;

export async function createTeam({ plane, vault }: Stage, title: string): Promise<Team> {
  count += 1;
  const namespace = `${title}-${count}`;
  await plane.apply(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'latchkey.dev/inject': 'enabled' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace } },
  );
  await vault.api('POST', `sys/policies/acl/${namespace}`, {
    body: { policy: `path "secret/data/${namespace}/*" { capabilities = ["read"] }` },
  });
  await vault.api('POST', `auth/kubernetes/role/${namespace}`, {
    body: {
      bound_service_account_names: ['app'],
      bound_service_account_namespaces: [namespace],
      audience: 'vault',
      policies: [namespace],
      ttl: '10m',
    },
  });
  await plane.apply(vaultStore(vault.address, namespace, namespace));
  await waitUntil('the store is known', async () => {
    const probe = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe' },
      spec: podSpec([{ name: 'A', value: 'secretstore://vault/probe' }]),
    };
    const answer = await plane.request<{ message?: string }>(
      'POST',
      `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
      { body: probe },
    );
    return answer.status === 201;
  });

  async function list<T>(path: string): Promise<readonly T[]> {
    const { body } = await plane.request<{ items?: readonly T[] }>('GET', path);
    return body.items ?? [];
  }

  return {
    namespace,

    async put(key, data) {
      const { status, text } = await vault.api('POST', `secret/data/${namespace}/${key}`, { body: { data } });
      if (status >= 300) throw new Error(text);
    },

    async create(object) {
      const manifest = object as KubernetesObject;
      const { status, body } = await plane.request<PodObject & { message?: string }>(
        'POST',
        collectionOf(manifest, namespace),
        { body: manifest },
      );
      return { status, message: body.message ?? '', object: body };
    },

    pods: (selector = '') => list(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`),
    secrets: async () =>
      (await list<SecretObject>(`/api/v1/namespaces/${namespace}/secrets`)).filter(({ metadata }) =>
        metadata.name.startsWith('lk-'),
      ),
    leases: () => list(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`),

    async get<T>(path: string) {
      const { status, body, text } = await plane.request<T>('GET', path);
      if (status !== 200) throw new Error(text);
      return body;
    },

    async events() {
      const events = await list<{
        reason: string;
        message?: string;
        involvedObject: { kind: string; name: string };
      }>(`/api/v1/namespaces/${namespace}/events`);
      return events.map(({ reason, message = '', involvedObject: { kind, name } }) => ({
        reason,
        message,
        regarding: `${kind} ${name}`,
      }));
    },
  };
}

export function vaultStore(server: string, namespace: string, role: string, name = 'vault'): KubernetesObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace },
    spec: {
      provider: {
        vault: { server, path: 'secret', version: 'v2', auth: { kubernetes: { mountPath: 'kubernetes', role } } },
      },
    },
  };
}

export interface EnvEntry {
  readonly name: string;
  readonly value: string;
}

export function podSpec(
  env: readonly EnvEntry[],
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    serviceAccountName: 'app',
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'app:1', env }],
    ...more,
  };
}

export function bare(
  name: string,
  env: readonly EnvEntry[],
  metadata: Readonly<Record<string, unknown>> = {},
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { ...podSpec(env), serviceAccountName: 'app' },
  };
}

export interface WorkloadOptions {
  readonly replicas?: number;
  readonly env?: readonly EnvEntry[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly templateAnnotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly podSpec?: Readonly<Record<string, unknown>>;
}

/** A Deployment, StatefulSet or DaemonSet of one container with the label `app: NAME`. */
export function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  options: WorkloadOptions = {},
): KubernetesObject {
  const { replicas = 1, env = [], annotations = {}, templateAnnotations = {}, spec = {}, podSpec: more = {} } = options;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, annotations },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: name, podManagementPolicy: 'Parallel' } : {}),
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name }, annotations: templateAnnotations }, spec: podSpec(env, more) },
      ...spec,
    },
  };
}

const PLURALS: Readonly<Record<string, string>> = {
  Pod: 'pods',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  SecretStore: 'secretstores',
  Secret: 'secrets',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  ResourceQuota: 'resourcequotas',
};

export function collectionOf(
  { apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>,
  namespace: string,
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}/namespaces/${namespace}/${PLURALS[kind] ?? ''}`;
}

/** Waits until `count` Pods of a workload run. */
export async function untilRunning(
  team: Team,
  app: string,
  wanted: number,
  timeoutMs = 60_000,
): Promise<readonly PodObject[]> {
  let running: readonly PodObject[] = [];
  await waitUntil(
    `${wanted} Pods of ${app} run`,
    async () => {
      running = (await team.pods(`app=${app}`)).filter(
        ({ status, metadata }) => status?.phase === 'Running' && metadata['deletionTimestamp'] === undefined,
      );
      return running.length === wanted;
    },
    { timeoutMs },
  );
  return running;
}

export function decode(secret: SecretObject | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}
