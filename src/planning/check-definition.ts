import { didYouMean } from '../did-you-mean.ts';
import { LatchkeyError } from '../errors.ts';
import { classifyStores } from '../stores/definition-class.ts';
import type { ClaimSettings } from '../stores/is-claimed.ts';
import type { Store } from '../stores/store.ts';
import { checkStore, type NamedStoreContext, requireStore, type StoreContext } from './check-store.ts';
import type { DefinitionFacts, DefinitionIndex } from './definition.ts';
import type { RecordedSecret } from './plan-annotation.ts';

/**
 * What a Pod that uses a definition's Secret gets: `left` to External Secrets, because it is not ours to sync (nothing is without `settings`);
 * the Secret itself, once it is synced (`awaited`); or a copy, because a store is read as the Pod (`copied`).
 */
export type Treatment = 'left' | 'awaited' | 'copied';

/** A Secret of this type would be given a token of a ServiceAccount by the API server itself. */
const TOKEN_TYPE = 'kubernetes.io/service-account-token';
const MOST_PROBLEMS = 5;

export function treatmentOf(
  { namespace, stores }: DefinitionFacts,
  context: Pick<StoreContext, 'stores'>,
  settings: ClaimSettings | undefined,
): Treatment {
  if (settings === undefined) return 'left';
  const { whose, areReadByPods } = classifyStores(stores, namespace, context.stores, settings);
  if (whose !== 'ours') return 'left';
  return areReadByPods ? 'copied' : 'awaited';
}

/** What keeps the definition from being read as the Pod: its own mistakes and those of its stores. */
export function copyProblems(definition: DefinitionFacts, context: StoreContext): readonly LatchkeyError[] {
  const problems = problemsOf(definition, (kind, name) => checkStore(kind, name, byDefinition(context)));
  if (definition.type !== TOKEN_TYPE) return problems;
  const problem = new LatchkeyError('EXTERNAL_SECRET_INVALID', `its Secret would be of type ${TOKEN_TYPE}`, {
    hint: 'Correct spec.target.template.type',
  });
  return [...problems, problem.at(titleOf(definition.name))];
}

/** What keeps a copy that a plan names from being filled now. It stays what it is if it is there already. */
export function recordedCopyProblems(
  { externalSecret, digest }: NonNullable<RecordedSecret['definition']>,
  context: StoreContext,
  definitions: DefinitionIndex,
): readonly LatchkeyError[] {
  const namespace = context.namespace.name;
  const definition = definitions.get(namespace, externalSecret);
  if (definition === undefined) return [definitionNotFound(externalSecret, namespace, definitions)];
  return definition.digest === digest
    ? copyProblems(definition, context)
    : [definitionChanged()].map((problem) => problem.at(titleOf(externalSecret)));
}

/** A copy's name says which content it has, so it is never filled with that of a later definition. */
export function definitionChanged(): LatchkeyError {
  return new LatchkeyError('EXTERNAL_SECRET_NOT_READY', `it has changed since the Pod's copy was planned`, {
    hint: 'Create the Pod again',
  });
}

/** What keeps the definition from being synced for everybody. */
export function syncProblems(definition: DefinitionFacts, context: NamedStoreContext): readonly LatchkeyError[] {
  return problemsOf(definition, (kind, name) => requireStore(kind, name, byDefinition(context)));
}

export function definitionNotFound(name: string, namespace: string, definitions: DefinitionIndex): LatchkeyError {
  const close = didYouMean(name, definitions.names(namespace));
  return new LatchkeyError(
    'EXTERNAL_SECRET_NOT_FOUND',
    `ExternalSecret "${name}" does not exist in namespace "${namespace}"`,
    { hint: close === undefined ? 'Create it, or correct the name' : `Did you mean "${close}"?` },
  );
}

function problemsOf(
  definition: DefinitionFacts,
  check: (kind: Store['kind'], name: string) => void,
): readonly LatchkeyError[] {
  const problems: LatchkeyError[] = [];
  if (definition.problems.length > 0) {
    const text = definition.problems.slice(0, MOST_PROBLEMS).join('; ');
    problems.push(
      new LatchkeyError('EXTERNAL_SECRET_INVALID', `it has mistakes: ${text}`, { hint: 'Correct the ExternalSecret' }),
    );
  }
  for (const { kind, name } of definition.stores) {
    try {
      check(kind, name);
    } catch (error) {
      problems.push(LatchkeyError.from(error));
    }
  }
  return problems.map((problem) => problem.at(titleOf(definition.name)));
}

function byDefinition<C extends NamedStoreContext>(context: C): C {
  return { ...context, askedBy: 'definition' };
}

function titleOf(name: string): string {
  return `ExternalSecret "${name}"`;
}
