import { parseClusterDefinition } from '../externalsecrets/cluster-definition.ts';
import { classOfDefinition } from '../stores/definition-class.ts';
import { type CheckDefinitionOptions, checkSpec, warnIfOff } from './check-external-secret.ts';
import { type Findings, NOTHING_OF_OURS } from './findings.ts';
import type { Manifest } from './validation-request.ts';

/** Its own fields, and the spec that it stamps out. SecretStores differ from namespace to namespace, so they say nothing here. */
export async function checkClusterExternalSecret(
  manifest: Manifest,
  options: CheckDefinitionOptions,
): Promise<Findings> {
  const { apiVersion, name, spec } = manifest;
  const metadata = { name, uid: '', resourceVersion: '' };
  const definition = parseClusterDefinition({ metadata, spec }, apiVersion);
  const clusterStores = definition.stores.filter(({ kind }) => kind === 'ClusterSecretStore');
  const whose = classOfDefinition(clusterStores, '', options.stores, options.config.stores);
  if (whose === 'foreign') return NOTHING_OF_OURS;

  const stamped = { name: definition.externalSecretName, path: 'spec.externalSecretSpec' };
  const { problems, warnings } = await checkSpec(definition.spec, stamped, options);
  const absent = clusterStores.filter((store) => options.stores.get(store.kind, '', store.name) === undefined);
  return {
    class: whose,
    problems: [...definition.problems, ...problems],
    warnings: [
      ...warnings,
      ...absent.map((store) => `${store.kind} "${store.name}" does not exist; nothing is synced until it does`),
      ...warnIfOff(options),
    ],
  };
}
