import type { RecordedSecret } from '../planning/plan-annotation.ts';
import { formatReference } from '../references/format-reference.ts';
import type { Template } from '../references/reference.ts';
import type { StoreIndex } from '../stores/store.ts';
import { admitOffline } from './admit-offline.ts';
import { type ExpandedWorkload, WORKLOAD_KINDS } from './expand-workload.ts';
import type { Offline } from './offline.ts';
import { planOffline, referencesOf } from './plan-offline.ts';
import { maskSecret, printManifest } from './print-manifest.ts';
import { readConfig } from './process.ts';
import type { RenderOptions } from './program.ts';
import { readManifests } from './read-manifests.ts';
import { startManifests } from './start-manifests.ts';

/** `latchkey render`: what would run, on standard output; what would be refused, on standard error. */
export async function runRender({ filename, ...options }: RenderOptions): Promise<void> {
  const config = await readConfig(options);
  const { workloads, offline } = await startManifests(await readManifests(filename), config);
  try {
    for (const workload of workloads) await renderWorkload(workload, offline);
    if (workloads.length === 0)
      process.stderr.write(`nothing to render: no ${WORKLOAD_KINDS.join(', ')} in the files\n`);
  } finally {
    await offline.stop();
  }
}

async function renderWorkload(workload: ExpandedWorkload, offline: Offline): Promise<void> {
  const { title, pod, namespace } = workload;
  const { admit, secrets, stores } = offline;
  const { planned, ...dry } = await planOffline(workload, offline);
  const unread = providersThatAreNotCalled(planned, namespace, stores);
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
    const shown = stored === undefined || unread.length > 0 ? plannedSecret(secret, namespace) : maskSecret(stored);
    process.stdout.write(`---\n# Secret of ${title}\n${printManifest(shown)}`);
  }
}

/** Only the fake provider answers without a network and an identity. */
function providersThatAreNotCalled(
  planned: readonly RecordedSecret[],
  namespace: string,
  stores: StoreIndex,
): readonly string[] {
  const providers = planned.flatMap(referencesOf).map(({ store }) => {
    return store.kind === 'default' ? '' : (stores.get(store.kind, namespace, store.name)?.provider ?? '');
  });
  return [...new Set(providers)].filter((provider) => provider !== 'fake').toSorted();
}

function plannedSecret({ name, keys, map }: RecordedSecret, namespace: string): object {
  const data = Object.fromEntries(Object.entries(keys).map(([key, { template }]) => [key, describe(template)]));
  const all = map === undefined ? {} : { '*': describe([map.reference]) };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data: { ...data, ...all } };
}

function describe(template: Template): string {
  const references = template.filter((part) => typeof part !== 'string').map(formatReference);
  return `[secret] ${references.join(' ')}`.trimEnd();
}
