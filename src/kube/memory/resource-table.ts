/** A resource that the in-memory cluster serves. */
export interface ServedResource {
  /** Empty for the core group. */
  readonly group: string;
  /** Served versions, all of one shape; answers come in the one that was asked for. The first is preferred. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Writes of the object leave its status alone; writes of the status leave the rest alone. */
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  /** An update must name the resourceVersion that it is based on. */
  readonly needsVersion: boolean;
}

/** What of a resource differs from the ordinary: namespaced, with status and generation, unconditional updates. */
type Traits = Partial<Pick<ServedResource, 'namespaced' | 'hasStatus' | 'hasGeneration' | 'needsVersion'>>;

const PLAIN: Traits = { hasStatus: false, hasGeneration: false };
const CUSTOM: Traits = { needsVersion: true };

const BUILT_IN: readonly ServedResource[] = [
  served('v1', 'Namespace', { namespaced: false, hasGeneration: false }),
  served('v1', 'Node', { namespaced: false, hasGeneration: false }),
  served('v1', 'Pod'),
  served('v1', 'Secret', PLAIN),
  served('v1', 'ConfigMap', PLAIN),
  served('v1', 'ServiceAccount', PLAIN),
  served('v1', 'Service', { hasGeneration: false }),
  served('events.k8s.io/v1', 'Event', PLAIN),
  served('apps/v1', 'Deployment'),
  served('apps/v1', 'ReplicaSet'),
  served('apps/v1', 'StatefulSet'),
  served('apps/v1', 'DaemonSet'),
  served('apps/v1', 'ControllerRevision', PLAIN),
  served('batch/v1', 'Job'),
  served('batch/v1', 'CronJob'),
  served('coordination.k8s.io/v1', 'Lease', { ...PLAIN, needsVersion: true }),
  served('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { namespaced: false, hasStatus: false }),
  served('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', { namespaced: false, hasStatus: false }),
  served('external-secrets.io/v1', 'SecretStore', CUSTOM, ['v1', 'v1beta1']),
  served('external-secrets.io/v1', 'ClusterSecretStore', { ...CUSTOM, namespaced: false }, ['v1', 'v1beta1']),
  served('external-secrets.io/v1', 'ExternalSecret', CUSTOM, ['v1', 'v1beta1']),
  served('external-secrets.io/v1', 'ClusterExternalSecret', { ...CUSTOM, namespaced: false }, ['v1', 'v1beta1']),
];

export interface ResourceTable {
  /** `undefined` where the cluster serves no such path. */
  byPath(group: string, version: string, plural: string): ServedResource | undefined;
  /** An unknown kind becomes served, as if a CRD came along: namespaced if the object has a namespace. */
  byKind(apiVersion: string, kind: string, isNamespaced: boolean): ServedResource;
  inGroup(group: string): readonly ServedResource[];
}

/** `without` names groups whose CRDs are not installed. */
export function createResourceTable(without: readonly string[]): ResourceTable {
  const resources = BUILT_IN.filter((resource) => !without.includes(resource.group));
  return {
    byPath(group, version, plural) {
      return resources.find((one) => one.group === group && one.plural === plural && one.versions.includes(version));
    },

    byKind(apiVersion, kind, isNamespaced) {
      const { group, version } = splitVersion(apiVersion);
      const known = resources.find((one) => one.group === group && one.kind === kind && one.versions.includes(version));
      if (known !== undefined) return known;
      const added = served(apiVersion, kind, { ...CUSTOM, namespaced: isNamespaced });
      resources.push(added);
      return added;
    },

    inGroup(group) {
      return resources.filter((one) => one.group === group);
    },
  };
}

export function splitVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? { group: '', version: group ?? '' } : { group: group ?? '', version };
}

export function joinVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

function served(apiVersion: string, kind: string, traits: Traits = {}, versions?: readonly string[]): ServedResource {
  const { group, version } = splitVersion(apiVersion);
  const ordinary = { namespaced: true, hasStatus: true, hasGeneration: true, needsVersion: false };
  return { group, versions: versions ?? [version], plural: pluralOf(kind), kind, ...ordinary, ...traits };
}

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}
