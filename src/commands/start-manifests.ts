import type { Config } from '../config.ts';
import { createLog } from '../log.ts';
import { type ExpandedWorkload, expandWorkload, WORKLOAD_KINDS } from './expand-workload.ts';
import { kindOf, type Manifest } from './manifest.ts';
import { missingServiceAccounts, type Offline, startOffline } from './offline.ts';

/** Manifests as a cluster in memory has them, and their workloads, each with the Pod that its controller would create. */
export interface StartedManifests {
  readonly workloads: readonly ExpandedWorkload[];
  readonly offline: Offline;
}

export async function startManifests(manifests: readonly Manifest[], config: Config): Promise<StartedManifests> {
  const workloads = manifests.filter(isWorkload).map(expandWorkload);
  const others = manifests.filter((manifest) => !isWorkload(manifest)).map(withoutStatus);
  const above = workloads.flatMap((workload) => workload.above);
  const accounts = missingServiceAccounts(
    manifests,
    workloads.map(({ pod }) => pod),
  );
  return { workloads, offline: await startOffline([...others, ...above, ...accounts], config, createLog('silent')) };
}

/** An ExternalSecret's status is that of another cluster. */
function withoutStatus(manifest: Manifest): Manifest {
  const { status: _status, ...rest } = manifest;
  return kindOf(manifest) === 'ExternalSecret' ? rest : manifest;
}

function isWorkload({ kind }: Manifest): boolean {
  return WORKLOAD_KINDS.includes(String(kind));
}
