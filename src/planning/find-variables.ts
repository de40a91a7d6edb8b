import { LatchkeyError } from '../errors.ts';
import { parseValue } from '../references/parse-template.ts';
import type { RecordedSecret } from './plan-annotation.ts';
import type { ContainerView, EnvView, PodView } from './pod-view.ts';
import { containerTitle, type EnvFrom, type Variable } from './variable.ts';

export interface FoundVariables {
  readonly variables: readonly Variable[];
  readonly envFrom: readonly EnvFrom[];
  readonly problems: readonly LatchkeyError[];
}

/** Nobody reads more at once, and each costs a stack trace. */
const MOST_PROBLEMS = 100;

/**
 * Everything in the containers that asks for a value: references in `env[].value`, and places that already point to a Secret
 * of a plan that is not this Pod's own (a copied Pod), which get their references back.
 */
export function findVariables(containers: PodView['containers'], foreign: readonly RecordedSecret[]): FoundVariables {
  const variables: Variable[] = [];
  const envFrom: EnvFrom[] = [];
  const problems: LatchkeyError[] = [];

  for (const container of containers) {
    for (const [at, entry] of (container.env ?? []).entries()) {
      try {
        const content = readEntry(entry, foreign);
        if (content === undefined) continue;
        variables.push({ container, name: entry.name, at, content, where: whereOf(container, entry) });
      } catch (error) {
        problems.push(LatchkeyError.from(error).at(whereOf(container, entry)));
        if (problems.length >= MOST_PROBLEMS) return { variables, envFrom, problems };
      }
    }
    envFrom.push(...copiedEnvFrom(container, foreign));
  }
  return { variables, envFrom, problems };
}

function whereOf(container: ContainerView, { name }: EnvView): string {
  return `${containerTitle(container)}, env ${name}`;
}

function readEntry(entry: EnvView, foreign: readonly RecordedSecret[]): Variable['content'] | undefined {
  if (entry.value !== undefined) {
    const parsed = parseValue(entry.value);
    return parsed.kind === 'plain' ? undefined : parsed;
  }
  if (entry.secretKeyRef === undefined || foreign.length === 0) return undefined;
  const { name, key } = entry.secretKeyRef;
  const recorded = foreign.find((secret) => secret.name === name);
  const template =
    recorded !== undefined && Object.hasOwn(recorded.keys, key) ? recorded.keys[key]?.template : undefined;
  return template === undefined ? undefined : { kind: 'secret', template };
}

function copiedEnvFrom(container: ContainerView, foreign: readonly RecordedSecret[]): readonly EnvFrom[] {
  return (container.envFrom ?? []).flatMap((source, at) => {
    const map = foreign.find((secret) => secret.name === source?.name)?.map;
    if (map === undefined) return [];
    return [
      { container, at, reference: map.reference, prefix: '', where: `${containerTitle(container)}, envFrom[${at}]` },
    ];
  });
}
