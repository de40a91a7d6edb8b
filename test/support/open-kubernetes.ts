import { onTestFinished } from 'vitest';
import { Fields } from '../../src/fields.ts';
import { createKubernetes } from '../../src/providers/kubernetes/index.ts';
import type { Call, SecretsClient } from '../../src/providers/provider.ts';
import { createKubernetesIssuer, type KubernetesIssuer } from './kubernetes-issuer.ts';
import { type LoopbackKubernetes, type RemoteCluster, startLoopbackKubernetes } from './loopback-kubernetes.ts';
import { LEAK_MARKER, subjectOf, type TestIdentity, testIdentity } from './test-identity.ts';

export const CALL: Call = { signal: new AbortController().signal };
export const AUDIENCE = 'https://other-cluster.example.com';
/** The user that ServiceAccount payments/api is over there. */
export const READER = `cluster-a:${subjectOf({ namespace: 'payments', name: 'api' })}`;
export const EVERYTHING = [{ namespace: 'prod', verbs: ['get', 'list'] }] as const;

export interface OpenKubernetesSettings {
  readonly cluster?: Partial<RemoteCluster>;
  /** Beside server and remoteNamespace. */
  readonly block?: object | ((server: LoopbackKubernetes) => object);
  readonly credentials?: (server: LoopbackKubernetes) => Readonly<Record<string, string>>;
  /** Signs this cluster's tokens. */
  readonly issuer?: KubernetesIssuer;
  readonly audiences?: readonly string[];
  readonly endpoints?: readonly string[];
  readonly maxResponseBytes?: number;
  readonly now?: () => number;
}

export interface OpenKubernetes {
  readonly server: LoopbackKubernetes;
  readonly identity: TestIdentity;
  readonly connect: () => Promise<SecretsClient>;
}

/** Another cluster that believes this one's tokens, with a store on it; both are closed when the test ends. */
export async function openKubernetes(settings: OpenKubernetesSettings = {}): Promise<OpenKubernetes> {
  const { cluster, block = {}, endpoints = [], maxResponseBytes = 64 * 1024, now = Date.now } = settings;
  const { issuer = createKubernetesIssuer(), audiences = [AUDIENCE] } = settings;
  const server = await startLoopbackKubernetes({
    secrets: { prod: { db: { data: { password: LEAK_MARKER } } } },
    rules: { [READER]: EVERYTHING },
    jwt: {
      issuer: issuer.issuer,
      jwksOf: () => issuer.jwksOf(),
      audiences: [AUDIENCE],
      usernamePrefix: 'cluster-a:',
    },
    ...cluster,
  });
  const clients: SecretsClient[] = [];
  onTestFinished(async () => {
    await Promise.all(clients.map(async (client) => client.close?.()));
    await server.close();
  });
  const fields = Fields.of(
    {
      server: { url: server.url, caBundle: server.ca },
      remoteNamespace: 'prod',
      ...(typeof block === 'function' ? block(server) : block),
    },
    'spec.provider.kubernetes',
  );
  const limits = { audiences, endpoints, maxResponseBytes };
  const store = createKubernetes({ now }).configure(fields, limits);
  if (fields.problems.length > 0) throw new Error(JSON.stringify(fields.problems));
  const identity = testIdentity({
    sign: (claims) => issuer.sign(claims),
    credentials: settings.credentials?.(server) ?? {},
  });
  return {
    server,
    identity,
    async connect() {
      const client = await store.connect(identity, CALL);
      clients.push(client);
      return client;
    },
  };
}
