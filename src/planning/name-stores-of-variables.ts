import { LatchkeyError } from '../errors.ts';
import { nameStore, nameStores, type StoreContext } from './check-store.ts';
import type { FoundVariables } from './find-variables.ts';
import type { EnvFrom, Variable } from './variable.ts';

/** Variables whose stores could all be named and are open to the Pod; the problems of the others. */
export function nameStoresOfVariables(found: readonly FoundVariables[], context: StoreContext) {
  const variables: Variable[] = [];
  const envFrom: EnvFrom[] = [];
  const problems: LatchkeyError[] = [];
  function attempt(where: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      problems.push(LatchkeyError.from(error).at(where));
    }
  }
  for (const variable of found.flatMap((part) => part.variables)) {
    attempt(variable.where, () => variables.push({ ...variable, content: nameContent(variable.content, context) }));
  }
  for (const source of found.flatMap((part) => part.envFrom)) {
    attempt(source.where, () => envFrom.push({ ...source, reference: nameStore(source.reference, context) }));
  }
  return { variables, envFrom, problems };
}

function nameContent(content: Variable['content'], context: StoreContext): Variable['content'] {
  if (content.kind === 'secret') return { kind: 'secret', template: nameStores(content.template, context) };
  const parts = content.parts.map((part) =>
    typeof part === 'string' ? part : { template: nameStores(part.template, context) },
  );
  return { kind: 'helpers', parts };
}
