import { LatchkeyError } from '../errors.ts';
import type { AnnotationSettings } from '../references/parse-annotations.ts';
import type { FoundVariables } from './find-variables.ts';
import type { ContainerView } from './pod-view.ts';
import type { Variable } from './variable.ts';

/** No Pod has room for more in its plan. A hostile one names hundreds of variables for thousands of containers. */
const MOST_REFERENCES = 10_000;

/** Told before anything is made for each container and variable. `settings` where annotations add variables. */
export function tooManyReferences(
  found: FoundVariables,
  containers: readonly ContainerView[],
  settings: Pick<AnnotationSettings, 'env' | 'envFrom' | 'externalSecrets'> | undefined,
): LatchkeyError | undefined {
  const { env = [], envFrom = [], externalSecrets = [] } = settings ?? {};
  const inVariables = sum(found.variables.map(({ content }) => sizeOf(content)));
  const inEachContainer = sum(env.map(({ value }) => sizeOf(value))) + envFrom.length + externalSecrets.length;
  const count = inVariables + containers.length * inEachContainer;
  if (count <= MOST_REFERENCES) return undefined;
  return new LatchkeyError('REF_INVALID', `the Pod asks for ${count} values; at most ${MOST_REFERENCES} are served`, {
    hint: 'Divide it, or use env-from',
  });
}

function sizeOf(content: Variable['content']): number {
  return content.kind === 'secret' ? content.template.length : content.parts.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
