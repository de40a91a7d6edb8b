import type { DefinitionClass } from '../../stores/definition-class.ts';
import type { NamespaceFacts } from '../../stores/store.ts';
import type { ClusterDefinition } from '../../externalsecrets/cluster-definition.ts';
import type { KnownExternalSecret } from './external-secret-index.ts';
import type { NamespaceFailure } from './next-status.ts';

/** What is to be done for a ClusterExternalSecret. */
export interface Placement {
  /** Namespaces that get its ExternalSecret. */
  readonly wanted: readonly string[];
  /** What it stamped and no longer wants: in namespaces that are not selected any more, or under its former name. */
  readonly outdated: readonly KnownExternalSecret[];
  readonly failed: readonly NamespaceFailure[];
}

export interface PlacementOptions {
  readonly namespaces: Iterable<NamespaceFacts>;
  /** What it has stamped so far. */
  readonly owned: readonly KnownExternalSecret[];
  /** Whether ExternalSecrets are synced there at all. */
  readonly isSynced: (namespace: NamespaceFacts) => boolean;
  /** Whose work its ExternalSecret in that namespace is: a SecretStore differs from one to the other. */
  readonly classIn: (namespace: string) => DefinitionClass;
}

/** `undefined`: another controller's work, or not known to be ours; not to be touched. */
export function placeDefinition(definition: ClusterDefinition, options: PlacementOptions): Placement | undefined {
  const { owned, isSynced, classIn } = options;
  const selected = [...options.namespaces].filter((namespace) => !isGoing(namespace) && definition.selects(namespace));
  const selectedNames = new Set(selected.map(({ name }) => name));
  const places = new Set([...selectedNames, ...owned.map(({ namespace }) => namespace)]);
  // Of no namespace at all: as its ClusterSecretStores say.
  const classes = places.size === 0 ? [classIn('')] : [...places].map(classIn);
  if (!classes.includes('ours')) return undefined;

  const ours = selected.filter(({ name }) => classIn(name) === 'ours');
  return {
    wanted: ours.filter(isSynced).map(({ name }) => name),
    outdated: owned.filter(({ namespace, name }) => {
      const stays = selectedNames.has(namespace) && name === definition.externalSecretName;
      return !stays && classIn(namespace) === 'ours';
    }),
    failed: ours
      .filter((namespace) => !isSynced(namespace))
      .map(({ name }) => ({ namespace: name, reason: NOT_SYNCED })),
  };
}

const NOT_SYNCED = 'namespace has not opted in: label it latchkey.dev/inject=enabled';

function isGoing({ isTerminating }: NamespaceFacts): boolean {
  return isTerminating === true;
}
