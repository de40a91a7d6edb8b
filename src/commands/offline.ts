import { createAdmitPod } from '../admission/admit-pod.ts';
import { type AdmitReview, createAdmitReview } from '../admission/admit-review.ts';
import { verifyPod } from '../admission/ephemeral.ts';
import type { Config } from '../config.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { createMemoryCluster, type MemoryCluster } from '../kube/memory/memory-cluster.ts';
import type { Log } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { INJECT, INJECT_ENABLED } from '../references/annotations.ts';
import type { StoreIndex } from '../stores/store.ts';
import { uidOf } from './expand-workload.ts';
import { startFoundation } from './foundation.ts';

type Manifest = Readonly<Record<string, unknown>>;

/** Latchkey over a cluster in memory: the same code as in a real one, from the watches to the written Secrets. */
export interface Offline {
  readonly cluster: MemoryCluster;
  readonly admit: AdmitReview;
  readonly stores: StoreIndex;
  secrets(): readonly KubeObject[];
  stop(): Promise<void>;
}

/** Seeds the manifests, opts their namespaces in, and waits until the watches have seen everything. */
export async function startOffline(manifests: readonly Manifest[], config: Config, log: Log): Promise<Offline> {
  const cluster = createMemoryCluster();
  const namespaces = new Set(manifests.map(namespaceOf).filter((name) => name !== ''));
  cluster.seed(...[...namespaces].map(namespaceManifest), ...manifests.filter(({ kind }) => kind !== 'Namespace'));
  const foundation = startFoundation({ config, client: cluster, log, metrics: createMetrics() });
  await foundation.synced;
  const admitPod = createAdmitPod({ ...foundation, verifyPod: verifyPod(cluster), settings: foundation.planSettings });

  return {
    cluster,
    admit: createAdmitReview(admitPod, log),
    stores: foundation.stores,
    secrets: () => cluster.objects('v1', 'Secret'),
    stop: () => foundation.stop(),
  };

  function namespaceManifest(name: string): Manifest {
    const own = manifests.find((manifest) => manifest['kind'] === 'Namespace' && nameOf(manifest) === name);
    const metadata = (own?.['metadata'] ?? {}) as { labels?: object };
    return {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        uid: uidOf('Namespace', '', name),
        ...metadata,
        name,
        labels: { ...metadata.labels, [INJECT]: INJECT_ENABLED },
      },
    };
  }
}

/** The ServiceAccounts that Pods run as and that no manifest holds; in a cluster they must exist. */
export function missingServiceAccounts(manifests: readonly Manifest[], pods: readonly Manifest[]): readonly Manifest[] {
  const known = new Set(
    manifests.filter(({ kind }) => kind === 'ServiceAccount').map((one) => `${namespaceOf(one)}/${nameOf(one)}`),
  );
  const wanted = new Map(pods.map((pod) => [`${namespaceOf(pod)}/${serviceAccountOf(pod)}`, pod]));
  return [...wanted]
    .filter(([key]) => !known.has(key))
    .map(([, pod]) => {
      const [namespace, name] = [namespaceOf(pod), serviceAccountOf(pod)];
      const metadata = { namespace, name, uid: uidOf('ServiceAccount', namespace, name) };
      return { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    });
}

/** The review that an API server sends when the Pod is created. */
export function reviewOf(pod: Manifest, uid: string, dryRun: boolean): Manifest {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const object = { ...pod, spec: { ...(pod['spec'] as object), serviceAccountName: serviceAccountOf(pod) } };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: nameOf(pod),
      namespace: namespaceOf(pod),
      operation: 'CREATE',
      dryRun,
      object,
    },
  };
}

function serviceAccountOf(pod: Manifest): string {
  return ((pod['spec'] ?? {}) as { serviceAccountName?: string }).serviceAccountName ?? 'default';
}

function nameOf(manifest: Manifest): string {
  return ((manifest['metadata'] ?? {}) as { name?: string }).name ?? '';
}

/** Empty for kinds that stand in no namespace. */
function namespaceOf(manifest: Manifest): string {
  if (manifest['kind'] === 'Namespace') return nameOf(manifest);
  if (manifest['kind'] === 'ClusterSecretStore') return '';
  return ((manifest['metadata'] ?? {}) as { namespace?: string }).namespace ?? 'default';
}
