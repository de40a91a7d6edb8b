import { toExternalSecret } from '../controller/cluster-external-secret/stamp.ts';
import { type ClusterDefinition, parseClusterDefinition } from '../externalsecrets/cluster-definition.ts';
import type { NamespaceFacts } from '../stores/store.ts';
import { uidOf } from './expand-workload.ts';
import { kindOf, type Manifest, metadataOf } from './manifest.ts';
import { namespacesOf } from './offline.ts';

export interface StampedManifests {
  /** The ExternalSecrets. */
  readonly manifests: readonly Manifest[];
  /** What is wrong with ClusterExternalSecrets, a line each. */
  readonly problems: readonly string[];
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** What ClusterExternalSecrets put into the namespaces of the manifests. */
export function stampManifests(manifests: readonly Manifest[]): StampedManifests {
  const namespaces = [...namespacesOf(manifests)].map((name) => namespaceFacts(name, manifests));
  const taken = new Set(manifests.filter((one) => kindOf(one) === 'ExternalSecret').map(titleOf));
  const stamped: Manifest[] = [];
  const problems: string[] = [];
  for (const manifest of manifests.filter((one) => kindOf(one) === 'ClusterExternalSecret')) {
    const definition = readDefinition(manifest);
    const title = `ClusterExternalSecret ${definition.name}`;
    if (definition.problems.length > 0) problems.push(`${title}: not placed: ${definition.problems.join('; ')}`);
    else place(definition, title);
  }
  return { manifests: stamped, problems };

  function place(definition: ClusterDefinition, title: string): void {
    for (const { name } of namespaces.filter((namespace) => definition.selects(namespace))) {
      const externalSecret = toExternalSecret(definition, name);
      const own = titleOf(externalSecret);
      if (taken.has(own)) problems.push(`${title}: not placed in namespace ${name}: ${own} is another's`);
      else stamped.push(externalSecret);
      taken.add(own);
    }
  }
}

function readDefinition(manifest: Manifest): ClusterDefinition {
  const { name, annotations, uid = uidOf('ClusterExternalSecret', '', name) } = metadataOf(manifest);
  const metadata = { name, uid, resourceVersion: '', ...(annotations && { annotations }) };
  return parseClusterDefinition({ ...manifest, metadata }, String(manifest['apiVersion']));
}

function namespaceFacts(name: string, manifests: readonly Manifest[]): NamespaceFacts {
  const own = manifests.find((one) => kindOf(one) === 'Namespace' && metadataOf(one).name === name);
  const { labels, annotations = {} } = metadataOf(own ?? {});
  return { name, labels: { ...labels, [NAME_LABEL]: name }, annotations };
}

function titleOf(manifest: Manifest): string {
  const { namespace, name } = metadataOf(manifest);
  return `${kindOf(manifest)} ${namespace}/${name}`;
}
