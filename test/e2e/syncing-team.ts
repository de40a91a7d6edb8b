import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import type { Stage } from './stage.ts';
import { createTeam, decode, type SecretObject, type Team, vaultStore } from './team.ts';

/** A team with a store `named` that names its own ServiceAccount, and so is synced by the controller. */
export interface SyncingTeam extends Team {
  /** Writes an ExternalSecret whose key `password` is the property of the remote secret `db`. */
  define(name: string, spec?: object, metadata?: object): Promise<void>;
  undefine(name: string): Promise<void>;
  definition(name: string): Promise<DefinitionObject>;
  ready(name: string): Promise<ReadyCondition | undefined>;
  /** Waits for the condition's reason and message to begin so. */
  untilReady(name: string, reason: string, message?: string): Promise<ReadyCondition>;
  secret(name: string): Promise<SecretObject | undefined>;
  values(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Waits for the Secret to hold exactly that, or for it to be gone, and says so. */
  untilValues(name: string, values: Readonly<Record<string, string>> | undefined): Promise<true>;
  /** What somebody does with kubectl. */
  edit(secret: string, body: object): Promise<void>;
  annotate(name: string, annotations: object): Promise<void>;
}

export interface DefinitionObject extends KubernetesObject {
  readonly status?: {
    readonly refreshTime?: string;
    readonly syncedResourceVersion?: string;
    readonly binding?: { readonly name: string };
    readonly conditions?: readonly ReadyCondition[];
  };
}

export interface ReadyCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

const MERGE = 'application/merge-patch+json';
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

/** Changes of Secrets are noticed within seconds instead of a minute; without an argument, as the chart has it. */
export async function restartController({ processes }: Stage, driftCheckInterval?: string): Promise<void> {
  await processes.controller(0).stop();
  const overrides = driftCheckInterval === undefined ? {} : { externalSecrets: { driftCheckInterval } };
  await processes.startController(0, overrides);
}

export async function createSyncingTeam(stage: Stage, title: string): Promise<SyncingTeam> {
  const { plane, vault } = stage;
  const team = await createTeam(stage, title);
  const { namespace } = team;
  await plane.apply(namedStore(vault.address, namespace));
  const definitions = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;

  async function find<T>(path: string): Promise<T | undefined> {
    const { status, body, text } = await plane.request<T>('GET', path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(text);
    return body;
  }

  async function patch(path: string, body: object): Promise<void> {
    const { status, text } = await plane.request('PATCH', `${path}?fieldManager=kubectl-edit`, {
      body,
      contentType: MERGE,
    });
    if (status >= 300) throw new Error(text);
  }

  const syncing: SyncingTeam = {
    ...team,

    async define(name, spec = {}, metadata = {}) {
      await plane.apply({
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        metadata: { name, namespace, ...metadata },
        spec: {
          refreshInterval: '1h',
          secretStoreRef: { name: 'named', kind: 'SecretStore' },
          data: [{ secretKey: 'password', remoteRef: { key: `${namespace}/db`, property: 'password' } }],
          ...spec,
        },
      });
    },

    async undefine(name) {
      await plane.request('DELETE', `${definitions}/${name}`);
    },

    definition: (name) => team.get(`${definitions}/${name}`),

    async ready(name) {
      const object = await find<DefinitionObject>(`${definitions}/${name}`);
      return object?.status?.conditions?.find((condition) => 'lastTransitionTime' in condition);
    },

    async untilReady(name, reason, message = '') {
      return waitUntil(
        `ExternalSecret ${name} is ${reason} ${message}`,
        async () => {
          const ready = await syncing.ready(name);
          return ready?.reason === reason && ready.message.startsWith(message) ? ready : undefined;
        },
        PATIENCE,
      );
    },

    secret: (name) => find(`${secrets}/${name}`),

    async values(name) {
      const secret = await syncing.secret(name);
      if (secret === undefined) return undefined;
      const keys = Object.keys(secret.data ?? {});
      return Object.fromEntries(keys.map((key) => [key, decode(secret, key) ?? '']));
    },

    async untilValues(name, values) {
      return waitUntil(
        `Secret ${name} holds ${JSON.stringify(values)}`,
        async () => isDeepStrictEqual(await syncing.values(name), values),
        PATIENCE,
      );
    },

    edit: (name, body) => patch(`${secrets}/${name}`, body),
    annotate: (name, annotations) => patch(`${definitions}/${name}`, { metadata: { annotations } }),
  };
  return syncing;
}

export function namedStore(server: string, namespace: string, more: object = {}): KubernetesObject {
  const { metadata, spec, ...store } = vaultStore(server, namespace, namespace, 'named');
  const provider = { ...Object(spec).provider.vault };
  provider.auth = { kubernetes: { ...provider.auth.kubernetes, serviceAccountRef: { name: 'app' } } };
  return { ...store, metadata, spec: { provider: { vault: provider }, ...more } };
}

/** A Secret that nobody of ours made. */
export function foreignSecret(namespace: string, name: string, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...metadata },
    stringData: { theirs: 'kept', password: 'theirs' },
  };
}
