import { pointer } from './json-patch.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import { containerTitle } from './variable.ts';

/** One place in a Pod that takes a Secret by its name. */
export interface SecretUse {
  readonly secret: string;
  readonly optional: boolean;
  /** JSON pointer of the name. */
  readonly path: string;
  /** Its address in messages. */
  readonly where: string;
  /** Where the place fills variables: the key that one takes, or `undefined` for all (envFrom). */
  readonly variable?: { readonly key: string | undefined };
  /** The container whose `envFrom` it is. */
  readonly envFromOf?: ContainerView;
}

/** The containers' and the Pod's own places that take one of the wanted Secrets. `wanted` is asked once for each name. */
export function findSecretUses(
  containers: readonly ContainerView[],
  secretPlaces: PodView['secretPlaces'],
  wanted: (secret: string) => boolean,
): readonly SecretUse[] {
  const answers = new Map<string, boolean>();
  const uses: SecretUse[] = [];
  for (const container of containers) gatherContainer(container, isWanted, uses);
  for (const { name, optional, path, where } of secretPlaces) {
    if (isWanted(name)) uses.push({ secret: name, optional, path, where });
  }
  return uses;

  function isWanted(name: string): boolean {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = name !== '' && wanted(name);
    answers.set(name, answer);
    return answer;
  }
}

function gatherContainer(container: ContainerView, isWanted: (name: string) => boolean, uses: SecretUse[]): void {
  const { list, index, env = [], envFrom = [] } = container;
  for (const [at, { name, secretKeyRef }] of env.entries()) {
    if (secretKeyRef === undefined || !isWanted(secretKeyRef.name)) continue;
    uses.push({
      secret: secretKeyRef.name,
      optional: secretKeyRef.optional,
      path: pointer('spec', list, index, 'env', at, 'valueFrom', 'secretKeyRef', 'name'),
      where: `${containerTitle(container)}, env ${name}`,
      variable: { key: secretKeyRef.key },
    });
  }
  for (const [at, source] of envFrom.entries()) {
    if (source === undefined || !isWanted(source.name)) continue;
    uses.push({
      secret: source.name,
      optional: source.optional,
      path: pointer('spec', list, index, 'envFrom', at, 'secretRef', 'name'),
      where: `${containerTitle(container)}, envFrom[${at}]`,
      variable: { key: undefined },
      envFromOf: container,
    });
  }
}
