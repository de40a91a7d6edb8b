import { LatchkeyError } from '../errors.ts';
import type { RemoteRef } from '../providers/provider.ts';
import type { Reference } from '../references/reference.ts';
import type { ExpandedWorkload } from './expand-workload.ts';
import { type FoundReading, findReading, readerTitle, storeTitle } from './find-reading.ts';
import { planOffline, referencesOf } from './plan-offline.ts';
import type { StartedManifests } from './start-manifests.ts';

/** What one reader reads through one store. */
export interface Reading extends FoundReading {
  readonly refs: readonly RemoteRef[];
  /** Whose Pods ask for it. */
  readonly workloads: readonly string[];
}

export interface Readings {
  readonly readings: readonly Reading[];
  /** What is wrong with workloads and their references, a line each. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Plans each workload's Pod as a dry run would, and sorts what it refers to by who reads it through which store. */
export async function gatherReadings({ workloads, offline }: StartedManifests, issuer: string): Promise<Readings> {
  const gathered = new Map<string, { found: FoundReading; refs: Map<string, RemoteRef>; workloads: Set<string> }>();
  const problems = new Set<string>();
  const warnings: string[] = [];
  for (const workload of workloads) {
    const { title } = workload;
    const { response, planned } = await planOffline(workload, offline);
    warnings.push(...(response.warnings ?? []).map((warning) => `${title}: warning: ${warning}`));
    if (!response.allowed) problems.add(`${title}: denied: ${response.status?.message ?? ''}`);
    for (const reference of planned.flatMap(referencesOf)) {
      try {
        gather(reference, workload);
      } catch (error) {
        problems.add(`${title}: denied: ${LatchkeyError.from(error).line}`);
      }
    }
  }
  const readings = [...gathered.values()].map(({ found, refs, workloads: titles }) => {
    return { ...found, refs: [...refs.values()], workloads: [...titles] };
  });
  return { readings, problems: [...problems], warnings };

  function gather(reference: Reference, workload: ExpandedWorkload): void {
    const { key, version } = reference;
    const ref = version === undefined ? { key } : { key, version };
    const found = findReading(reference, workload, offline);
    checkAlone(ref, found, issuer);

    const id = `${storeTitle(found.store)} ${readerTitle(found.reader)}`;
    const reading = gathered.get(id) ?? { found, refs: new Map(), workloads: new Set() };
    gathered.set(id, reading);
    reading.refs.set(JSON.stringify([key, version]), ref);
    reading.workloads.add(workload.title);
  }
}

/** A reference that names nothing the provider could hold must not stand in the way of the others. */
function checkAlone(ref: RemoteRef, { store, configured, serviceAccount }: FoundReading, issuer: string): void {
  try {
    configured.grants?.([ref], { ...(serviceAccount && { serviceAccount }), issuer });
  } catch (error) {
    throw LatchkeyError.from(error).at(`store "${store.name}"`);
  }
}
