import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import { type ExpandedWorkload, expandWorkload, WORKLOAD_KINDS } from './expand-workload.ts';
import { kindOf, type Manifest } from './manifest.ts';
import { missingServiceAccounts, type Offline, startOffline } from './offline.ts';
import { stampManifests } from './stamp-manifests.ts';

/** Manifests as a cluster in memory has them, what their ClusterExternalSecrets make among them, and their workloads, each with the Pod that its controller would create. */
export interface StartedManifests {
  readonly workloads: readonly ExpandedWorkload[];
  readonly offline: Offline;
  /** What is wrong with ClusterExternalSecrets, a line each. */
  readonly problems: readonly string[];
}

export async function startManifests(manifests: readonly Manifest[], config: Config): Promise<StartedManifests> {
  const workloads = manifests.filter(isWorkload).map(expandWorkload);
  const others = manifests.filter((manifest) => !isWorkload(manifest)).map(withoutStatus);
  const above = workloads.flatMap((workload) => workload.above);
  const accounts = missingServiceAccounts(
    manifests,
    workloads.map(({ pod }) => pod),
  );
  const stamped = stampManifests(manifests);
  const all = [...others, ...stamped.manifests, ...above, ...accounts];
  return { workloads, offline: await startOffline(all, config, createLog('silent')), problems: stamped.problems };
}

/** An ExternalSecret's status is that of another cluster. */
function withoutStatus(manifest: Manifest): Manifest {
  const { status: _status, ...rest } = manifest;
  return kindOf(manifest) === 'ExternalSecret' ? rest : manifest;
}

function isWorkload({ kind }: Manifest): boolean {
  return WORKLOAD_KINDS.includes(String(kind));
}
