import type { KubeObject } from '../kube/kube-object.ts';
import { groupProblems } from '../planning/problems.ts';
import type { OfflineDefinition } from './sync-offline.ts';
import type { Offline } from './offline.ts';
import { plannedData } from './planned-data.ts';
import { maskSecret, printManifest } from './print-manifest.ts';

/** What each ExternalSecret makes, on standard output; what is wrong with it, on standard error. */
export function renderDefinitions(found: readonly OfflineDefinition[], { secrets }: Offline): void {
  for (const one of found) renderDefinition(one, secrets());
}

function renderDefinition(
  { definition, isOurs, uncalled, problems }: OfflineDefinition,
  secrets: readonly KubeObject[],
): void {
  const { namespace, name, warnings, spec, status } = definition;
  const title = `ExternalSecret ${namespace}/${name}`;
  for (const warning of warnings) process.stderr.write(`${title}: warning: ${warning}\n`);
  if (!isOurs) {
    print(`${title}: left alone, because its stores are not Latchkey's to sync`);
    return;
  }
  if (problems.length > 0) {
    for (const { line } of groupProblems(problems)) process.stderr.write(`${title}: not synced: ${line}\n`);
    process.exitCode = 1;
    return;
  }
  if (uncalled.length > 0) {
    const { name: target, template } = spec.target;
    const type = template?.type ?? 'Opaque';
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: target, namespace },
      type,
      data: plannedData(definition),
    };
    print(`${title}: values not read (${uncalled.join(', ')})`, secret);
    return;
  }
  const { ready } = status;
  if (ready?.status !== 'True') {
    process.stderr.write(`${title}: not synced: ${ready?.message ?? 'no answer in time'}\n`);
    process.exitCode = 1;
    return;
  }
  const made = secrets.find(({ metadata }) => metadata.name === spec.target.name && metadata.namespace === namespace);
  print(`${title}: ${ready.reason}, ${ready.message}`, made && maskSecret(made));
}

function print(comment: string, manifest?: object): void {
  process.stdout.write(`---\n# ${comment}\n${manifest === undefined ? '' : printManifest(manifest)}`);
}
