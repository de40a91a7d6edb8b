import { didYouMean } from '../did-you-mean.ts';
import { LatchkeyError } from '../errors.ts';
import type { AnnotationSettings } from '../references/parse-annotations.ts';
import type { FoundVariables } from './find-variables.ts';
import type { ContainerView } from './pod-view.ts';
import { containerTitle, type EnvFrom, type EnvFromDefinition, helperName, type Variable } from './variable.ts';

export interface AddedVariables extends FoundVariables {
  readonly definitions: readonly EnvFromDefinition[];
}

export const NOTHING_ADDED: AddedVariables = Object.freeze({
  variables: [],
  envFrom: [],
  definitions: [],
  problems: [],
});

/**
 * What the annotations add to a Pod's containers, beside what `found` already asks for there. `copied` are containers
 * that take an ExternalSecret's copy whole already, made for another Pod.
 */
export function addVariables(
  containers: readonly ContainerView[],
  settings: AnnotationSettings,
  found: FoundVariables,
  copied: ReadonlySet<ContainerView> = new Set(),
): AddedVariables {
  if (asksForNothing(settings)) return NOTHING_ADDED;
  const problems: LatchkeyError[] = [];
  const targets = targetContainers(containers, settings, problems);
  const variables: Variable[] = [];
  const envFrom: EnvFrom[] = [];
  const definitions: EnvFromDefinition[] = [];

  const copies = Map.groupBy(found.variables.filter(isCopy), ({ container }) => container);

  for (const container of targets) {
    const present = new Set(container.env?.map((entry) => entry.name));
    const restored = new Set(copies.get(container)?.map(({ name }) => name));
    for (const { name, value, where } of settings.env) {
      // In a copied Pod the variable is there already, and gets its reference back, or its helpers do.
      if (restored.has(name) || (value.kind === 'helpers' && restored.has(helperName(name, 1)))) continue;
      if (present.has(name)) {
        problems.push(variableExists(name, container).at(where));
        continue;
      }
      // Others may use it as $(NAME) when it stands first; one that uses others itself must stand last.
      variables.push({ container, name, at: value.kind === 'helpers' ? 'end' : 'front', content: value, where });
    }
    if (!copied.has(container)) {
      const added = { container, at: 'end', prefix: '' } as const;
      definitions.push(
        ...settings.externalSecrets.map(({ name, where }) => ({ ...added, externalSecret: name, where })),
      );
    }
    if (found.envFrom.some((source) => source.container === container)) continue;
    envFrom.push(
      ...settings.envFrom.map(({ reference, prefix, where }) => ({
        container,
        at: 'end' as const,
        reference,
        prefix,
        where,
      })),
    );
  }
  return { variables, envFrom, definitions, problems };
}

function asksForNothing({ env, envFrom, externalSecrets, containers }: AnnotationSettings): boolean {
  return env.length + envFrom.length + externalSecrets.length === 0 && containers === undefined;
}

function isCopy({ container, at }: Variable): boolean {
  return typeof at === 'number' && container.env?.[at]?.secretKeyRef !== undefined;
}

function targetContainers(
  containers: readonly ContainerView[],
  { containers: names, where }: AnnotationSettings,
  problems: LatchkeyError[],
): readonly ContainerView[] {
  if (names === undefined) return containers;
  const present = containers.map(({ name }) => name);
  for (const name of names.filter((candidate) => !present.includes(candidate))) {
    const close = didYouMean(name, present);
    const hint = close === undefined ? `Write one of ${present.join(', ')}` : `Did you mean "${close}"?`;
    problems.push(
      new LatchkeyError('ANNOTATION_INVALID', `the Pod has no container "${name}"`, { hint, where: where.containers }),
    );
  }
  return containers.filter(({ name }) => names.includes(name));
}

function variableExists(name: string, container: ContainerView): LatchkeyError {
  return new LatchkeyError('VARIABLE_EXISTS', `${containerTitle(container)} sets ${name} already`, {
    hint: 'Remove the variable or the annotation, or limit the annotation with latchkey.dev/containers',
  });
}
