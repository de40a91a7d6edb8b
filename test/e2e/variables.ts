import { decode, type PodObject, type SecretObject } from './team.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

interface Container {
  readonly name: string;
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
  }[];
  readonly envFrom?: readonly { readonly prefix?: string; readonly secretRef?: { readonly name: string } }[];
}

/** The variables that a kubelet would give each container, whose nodes here are simulated and start none. */
export function variablesOf(
  { spec }: PodObject,
  secrets: readonly SecretObject[],
): Readonly<Record<string, Variables>> {
  const containers = spec['containers'] as readonly Container[];
  return Object.fromEntries(containers.map((container) => [container.name, ofContainer(container, secrets)]));
}

function ofContainer({ env = [], envFrom = [] }: Container, secrets: readonly SecretObject[]): Variables {
  const find = (name: string | undefined) => secrets.find(({ metadata }) => metadata.name === name);
  const fromSecrets = envFrom.flatMap(({ prefix = '', secretRef }) => {
    const secret = find(secretRef?.name);
    return Object.keys(secret?.data ?? {}).map((key) => [`${prefix}${key}`, decode(secret, key)] as const);
  });
  const own = env.map(({ name, value, valueFrom }) => {
    const reference = valueFrom?.secretKeyRef;
    return [name, reference === undefined ? value : decode(find(reference.name), reference.key)] as const;
  });
  return Object.fromEntries([...fromSecrets, ...own]);
}
