import type { Config } from '../config.ts';
import { LatchkeyError } from '../errors.ts';
import { type Read, readsOf } from '../externalsecrets/reads-of.ts';
import { objectKey } from '../kube/kube-object.ts';
import { syncProblems, treatmentOf } from '../planning/check-definition.ts';
import type { RecordedSecret } from '../planning/plan-annotation.ts';
import { groupProblems } from '../planning/problems.ts';
import type { Reference } from '../references/reference.ts';
import { collectReadings, type Reading } from './collect-readings.ts';
import type { ExpandedWorkload } from './expand-workload.ts';
import type { Asker } from './find-reading.ts';
import { serviceAccountOf } from './manifest.ts';
import { planOffline, referencesOf } from './plan-offline.ts';
import type { StartedManifests } from './start-manifests.ts';

export interface Readings {
  readonly readings: readonly Reading[];
  /** What is wrong with workloads, ExternalSecrets and what they refer to, a line each. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Plans each workload's Pod as a dry run would, takes ExternalSecrets as the controller would, and sorts what they read. */
export async function gatherReadings(
  { workloads, offline, problems: placing }: StartedManifests,
  config: Config,
  issuer: string,
): Promise<Readings> {
  const { stores, definitions, namespaces } = offline;
  const collector = collectReadings(offline, issuer);
  const problems = new Set(placing);
  const warnings: string[] = [];
  const copied = new Set<string>();
  for (const workload of workloads) await gatherWorkload(workload);
  for (const key of definitions.all().keys()) gatherDefinition(key);
  return { readings: collector.readings(), problems: [...problems], warnings };

  async function gatherWorkload(workload: ExpandedWorkload): Promise<void> {
    const { title, namespace, pod } = workload;
    const { response, planned } = await planOffline(workload, offline);
    warnings.push(...(response.warnings ?? []).map((warning) => `${title}: warning: ${warning}`));
    if (!response.allowed) problems.add(`${title}: denied: ${response.status?.message ?? ''}`);
    const reads = planned.flatMap((secret) => readsOfSecret(secret, namespace));
    take(reads, { title, namespace, serviceAccount: serviceAccountOf(pod) }, 'denied');
  }

  function readsOfSecret(secret: RecordedSecret, namespace: string): readonly Read[] {
    if (secret.definition === undefined) return referencesOf(secret).map(toRead);
    const { externalSecret } = secret.definition;
    copied.add(objectKey(namespace, externalSecret));
    const definition = definitions.definition(namespace, externalSecret);
    return definition === undefined ? [] : readsOf(definition);
  }

  function gatherDefinition(key: string): void {
    const definition = definitions.all().get(key);
    const facts = definition && definitions.get(definition.namespace, definition.name);
    if (definition === undefined || facts === undefined) return;
    const { namespace: name } = definition;
    const title = `ExternalSecret ${name}/${definition.name}`;
    const namespace = namespaces.get(name) ?? { name, labels: {}, annotations: {} };
    const context = { namespace, stores, controllerClass: config.stores.controllerClass };
    switch (treatmentOf(facts, context, config.externalSecrets.enabled ? config.stores : undefined)) {
      case 'left':
        warnings.push(`${title}: left alone, because its stores are not Latchkey's to sync`);
        return;
      case 'copied':
        if (!copied.has(key)) warnings.push(`${title}: read by the Pods that use it, of which the files have none`);
        return;
      case 'awaited': {
        const found = groupProblems(syncProblems(facts, context));
        for (const { line } of found) problems.add(`${title}: not synced: ${line}`);
        if (found.length === 0) take(readsOf(definition), { title, namespace: name }, 'not synced');
      }
    }
  }

  function take(reads: readonly Read[], asker: Asker, consequence: string): void {
    for (const read of reads) {
      try {
        collector.take(read, asker);
      } catch (error) {
        problems.add(`${asker.title}: ${consequence}: ${LatchkeyError.from(error).line}`);
      }
    }
  }
}

function toRead({ store, key, version }: Reference): Read {
  return { store, ref: version === undefined ? { key } : { key, version } };
}
