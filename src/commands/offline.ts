import { createAdmitPod } from '../admission/admit-pod.ts';
import { type AdmitReview, createAdmitReview } from '../admission/admit-review.ts';
import { verifyPod } from '../admission/ephemeral.ts';
import type { Config } from '../config.ts';
import type { ServiceAccountLookup } from '../identity/service-account-index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { createMemoryCluster, type MemoryCluster } from '../kube/memory/memory-cluster.ts';
import type { Log } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { INJECT, INJECT_ENABLED } from '../references/annotations.ts';
import { uidOf } from './expand-workload.ts';
import { kindOf, type Manifest, metadataOf, section, serviceAccountOf } from './manifest.ts';
import { type Foundation, type FoundationDeps, startFoundation } from './foundation.ts';

/** Latchkey over a cluster in memory: the same code as in a real one, from the watches to the written Secrets. */
export interface Offline {
  readonly cluster: MemoryCluster;
  readonly admit: AdmitReview;
  readonly stores: Foundation['stores'];
  readonly definitions: Foundation['definitions'];
  readonly namespaces: Foundation['namespaces'];
  readonly produceFresh: Foundation['produceFresh'];
  readonly serviceAccounts: Pick<ServiceAccountLookup, 'get'>;
  readonly secrets: () => readonly KubeObject[];
  stop(): Promise<void>;
}

export interface OfflineOptions extends Pick<FoundationDeps, 'providerKinds'> {
  readonly metrics?: Metrics;
}

/** Seeds the manifests, opts their namespaces in, and waits until the watches have seen everything. */
export async function startOffline(
  manifests: readonly Manifest[],
  config: Config,
  log: Log,
  { metrics = createMetrics(), ...rest }: OfflineOptions = {},
): Promise<Offline> {
  const cluster = createMemoryCluster();
  cluster.seed(
    ...[...namespacesOf(manifests)].map(namespaceManifest),
    ...manifests.filter(({ kind }) => kind !== 'Namespace'),
  );
  const foundation = startFoundation({ ...rest, config, client: cluster, log, metrics });
  await foundation.synced;
  const admitPod = createAdmitPod({ ...foundation, verifyPod: verifyPod(cluster), settings: foundation.planSettings });

  return {
    cluster,
    admit: createAdmitReview(admitPod, log),
    stores: foundation.stores,
    definitions: foundation.definitions,
    namespaces: foundation.namespaces,
    produceFresh: foundation.produceFresh,
    serviceAccounts: foundation.serviceAccounts,
    secrets: () => cluster.objects('v1', 'Secret'),
    stop: () => foundation.stop(),
  };

  function namespaceManifest(name: string): Manifest {
    const own = manifests.find((manifest) => kindOf(manifest) === 'Namespace' && metadataOf(manifest).name === name);
    const { labels, annotations, uid = uidOf('Namespace', '', name) } = metadataOf(own ?? {});
    const metadata = {
      name,
      uid,
      labels: { ...labels, [INJECT]: INJECT_ENABLED },
      ...(annotations && { annotations }),
    };
    return { apiVersion: 'v1', kind: 'Namespace', metadata };
  }
}

/** All that the manifests stand in, or are. */
export function namespacesOf(manifests: readonly Manifest[]): ReadonlySet<string> {
  return new Set(manifests.map(namespaceOf).filter((name) => name !== ''));
}

/** The ServiceAccounts that Pods run as and that no manifest holds; in a cluster they must exist. */
export function missingServiceAccounts(manifests: readonly Manifest[], pods: readonly Manifest[]): readonly Manifest[] {
  const known = new Set(
    manifests
      .filter((one) => kindOf(one) === 'ServiceAccount')
      .map((one) => `${namespaceOf(one)}/${metadataOf(one).name}`),
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
  const object = { ...pod, spec: { ...section(pod, 'spec'), serviceAccountName: serviceAccountOf(pod) } };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: metadataOf(pod).name,
      namespace: namespaceOf(pod),
      operation: 'CREATE',
      dryRun,
      object,
    },
  };
}

const CLUSTER_WIDE: readonly string[] = ['ClusterSecretStore', 'ClusterExternalSecret', 'ClusterGenerator'];

/** Empty for kinds that stand in no namespace. */
function namespaceOf(manifest: Manifest): string {
  if (kindOf(manifest) === 'Namespace') return metadataOf(manifest).name;
  return CLUSTER_WIDE.includes(kindOf(manifest)) ? '' : metadataOf(manifest).namespace;
}
