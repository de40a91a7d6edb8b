import type { RecordedSecret } from '../planning/plan-annotation.ts';
import { formatReference } from '../references/format-reference.ts';
import type { Template } from '../references/reference.ts';
import { admitOffline } from './admit-offline.ts';
import { type ExpandedWorkload, WORKLOAD_KINDS } from './expand-workload.ts';
import type { Offline } from './offline.ts';
import { withOwnDefinitions } from './own-definitions.ts';
import { planOffline } from './plan-offline.ts';
import { plannedData } from './planned-data.ts';
import { maskSecret, printManifest } from './print-manifest.ts';
import { readConfig } from './process.ts';
import type { RenderOptions } from './program.ts';
import { readManifests } from './read-manifests.ts';
import { renderDefinitions } from './render-definitions.ts';
import { startManifests } from './start-manifests.ts';
import { syncOffline } from './sync-offline.ts';
import { uncalledProviders } from './uncalled-providers.ts';

const RENDERED_KINDS = [...WORKLOAD_KINDS, 'ExternalSecret'];

/** `latchkey render`: what would run, on standard output; what would be refused, on standard error. */
export async function runRender({ filename, ...options }: RenderOptions): Promise<void> {
  const config = withOwnDefinitions(await readConfig(options), options);
  const { workloads, offline, problems } = await startManifests(await readManifests(filename), config);
  try {
    for (const line of problems) process.stderr.write(`${line}\n`);
    if (problems.length > 0) process.exitCode = 1;
    const definitions = await syncOffline(offline, config);
    renderDefinitions(definitions, offline);
    for (const workload of workloads) await renderWorkload(workload, offline);
    if (workloads.length + definitions.length === 0)
      process.stderr.write(`nothing to render: no ${RENDERED_KINDS.join(', ')} in the files\n`);
  } finally {
    await offline.stop();
  }
}

async function renderWorkload(workload: ExpandedWorkload, offline: Offline): Promise<void> {
  const { title, pod, namespace } = workload;
  const { admit, secrets, definitions } = offline;
  const { planned, ...dry } = await planOffline(workload, offline);
  const unread = uncalledProviders(planned, namespace, offline);
  const answer = unread.length > 0 ? dry : await admitOffline(admit, pod, false);

  for (const warning of answer.response.warnings ?? []) process.stderr.write(`${title}: warning: ${warning}\n`);
  if (answer.pod === undefined) {
    process.stderr.write(`${title}: denied: ${answer.response.status?.message ?? ''}\n`);
    process.exitCode = 1;
    return;
  }
  const note = unread.length > 0 ? `, values not read (${unread.join(', ')})` : '';
  process.stdout.write(`---\n# ${title}: ${answer.summary.decision}${note}\n${printManifest(answer.pod)}`);
  for (const secret of planned) {
    const stored = secrets().find(({ metadata }) => metadata.name === secret.name && metadata.namespace === namespace);
    const shown =
      stored === undefined || unread.length > 0 ? plannedSecret(secret, namespace, definitions) : maskSecret(stored);
    process.stdout.write(`---\n# Secret of ${title}\n${printManifest(shown)}`);
  }
}

function plannedSecret(
  { name, keys, map, definition: copied }: RecordedSecret,
  namespace: string,
  definitions: Offline['definitions'],
): object {
  const definition = copied && definitions.definition(namespace, copied.externalSecret);
  const type = definition?.spec.target.template?.type ?? 'Opaque';
  const data = {
    ...Object.fromEntries(Object.entries(keys).map(([key, { template }]) => [key, describe(template)])),
    ...(map && { '*': describe([map.reference]) }),
    ...(definition && plannedData(definition)),
  };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data };
}

function describe(template: Template): string {
  const references = template.filter((part) => typeof part !== 'string').map(formatReference);
  return `[secret] ${references.join(' ')}`.trimEnd();
}
