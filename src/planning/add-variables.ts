import { didYouMean } from '../did-you-mean.ts';
import { LatchkeyError } from '../errors.ts';
import type { AnnotationSettings } from '../references/parse-annotations.ts';
import type { FoundVariables } from './find-variables.ts';
import type { ContainerView } from './pod-view.ts';
import { containerTitle, type EnvFrom, helperName, type Variable } from './variable.ts';

const NOTHING: FoundVariables = Object.freeze({ variables: [], envFrom: [], problems: [] });

/** What the annotations add to a Pod's containers, beside what `found` already asks for there. */
export function addVariables(
  containers: readonly ContainerView[],
  settings: AnnotationSettings,
  found: FoundVariables,
): FoundVariables {
  if (settings.env.length === 0 && settings.envFrom.length === 0 && settings.containers === undefined) return NOTHING;
  const problems: LatchkeyError[] = [];
  const targets = targetContainers(containers, settings, problems);
  const variables: Variable[] = [];
  const envFrom: EnvFrom[] = [];

  const copies = Map.groupBy(found.variables.filter(isCopy), ({ container }) => container);

  for (const container of targets) {
    const copied = new Set(copies.get(container)?.map(({ name }) => name));
    const present = new Set(container.env?.map((entry) => entry.name));
    for (const { name, value, where } of settings.env) {
      // In a copied Pod the variable is there already, and gets its reference back, or its helpers do.
      if (copied.has(name) || (value.kind === 'helpers' && copied.has(helperName(name, 1)))) continue;
      if (present.has(name)) {
        problems.push(variableExists(name, container).at(where));
        continue;
      }
      // Others may use it as $(NAME) when it stands first; one that uses others itself must stand last.
      variables.push({ container, name, at: value.kind === 'helpers' ? 'end' : 'front', content: value, where });
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
  return { variables, envFrom, problems };
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
