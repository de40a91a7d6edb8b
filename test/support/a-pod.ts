export interface PodManifest {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly spec: {
    readonly containers: readonly ContainerManifest[];
    readonly initContainers?: readonly ContainerManifest[];
    readonly ephemeralContainers?: readonly ContainerManifest[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface ContainerManifest {
  readonly name: string;
  readonly env?: readonly object[];
  readonly envFrom?: readonly object[];
  readonly [field: string]: unknown;
}

export interface PodSettings {
  readonly name?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
  readonly containers?: readonly ContainerManifest[];
  readonly initContainers?: readonly ContainerManifest[];
  readonly ephemeralContainers?: readonly ContainerManifest[];
  readonly volumes?: readonly object[];
  readonly imagePullSecrets?: readonly object[];
}

/** A Pod as the API server decoded it: in namespace `payments`, as ServiceAccount `api`, with one container `api`. */
export function aPod(settings: PodSettings = {}): PodManifest {
  const { name, uid, labels, annotations, ownerReferences, initContainers, ephemeralContainers } = settings;
  const { containers = [aContainer()], volumes, imagePullSecrets } = settings;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name === undefined ? { generateName: 'api-' } : { name }),
      namespace: 'payments',
      ...(uid && { uid }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(ownerReferences && { ownerReferences }),
    },
    spec: {
      serviceAccountName: 'api',
      ...(initContainers && { initContainers }),
      containers,
      ...(ephemeralContainers && { ephemeralContainers }),
      ...(volumes && { volumes }),
      ...(imagePullSecrets && { imagePullSecrets }),
    },
  };
}

/** A container with these variables, as name and value or as whole entries. */
export function aContainer(
  env?: Readonly<Record<string, string>> | readonly object[],
  rest: Partial<ContainerManifest> = {},
): ContainerManifest {
  const entries = Array.isArray(env) ? env : Object.entries(env ?? {}).map(([name, value]) => ({ name, value }));
  return { name: 'api', image: 'shop/api:1', ...(env && { env: entries }), ...rest };
}

/** What the reference of a controller looks like on its Pod. */
export function aController(kind: string, name: string, uid: string, apiVersion = 'apps/v1'): object {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
