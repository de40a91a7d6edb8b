import type { LatchkeyError } from '../errors.ts';
import type { ClaimSettings } from '../stores/is-claimed.ts';
import { copyProblems, definitionNotFound, syncProblems, treatmentOf } from './check-definition.ts';
import type { StoreContext } from './check-store.ts';
import type { DefinitionFacts, DefinitionIndex } from './definition.ts';
import type { EnvFromEdit } from './env-patch.ts';
import type { SecretUse } from './find-secret-uses.ts';
import type { JsonPatchOperation } from './json-patch.ts';
import type { AwaitedDefinition, CopiedVariable, Owner, PlannedSecret } from './plan.ts';
import type { RecordedSecret } from './plan-annotation.ts';
import { joinPlaces } from './problems.ts';
import { secretName, type SecretScope } from './secret-name.ts';
import type { EnvFromDefinition } from './variable.ts';

export interface DefinitionsInput {
  /** Places that take Secrets which `isFromDefinition`. */
  readonly uses: readonly SecretUse[];
  /** What annotations add. */
  readonly added: readonly EnvFromDefinition[];
  /** Secrets of a plan that is not this Pod's own. */
  readonly foreign: readonly RecordedSecret[];
  readonly definitions: DefinitionIndex;
  readonly context: StoreContext;
  /** `undefined`: nobody's ExternalSecrets are carried out here. */
  readonly claims: ClaimSettings | undefined;
  readonly scope: SecretScope;
  readonly owner: Owner;
}

export interface PlannedDefinitions {
  /** The Pod's own copies. */
  readonly secrets: readonly PlannedSecret[];
  /** Places that take a copy from now on. They move nothing, so indices stay right for what follows. */
  readonly renames: readonly JsonPatchOperation[];
  readonly envFromEdits: readonly EnvFromEdit[];
  readonly awaits: readonly AwaitedDefinition[];
  readonly problems: readonly LatchkeyError[];
}

/** What has to be done for one definition in one way. */
interface Group {
  readonly definition: DefinitionFacts;
  readonly uses: SecretUse[];
  readonly added: EnvFromDefinition[];
}

const NOTHING: PlannedDefinitions = Object.freeze({
  secrets: [],
  renames: [],
  envFromEdits: [],
  awaits: [],
  problems: [],
});

/** Whether the Secret is made by a definition of ours, or was copied from one for another Pod. */
export function isFromDefinition(
  secret: string,
  { foreign, definitions, context, claims }: Pick<DefinitionsInput, 'foreign' | 'definitions' | 'context' | 'claims'>,
): boolean {
  if (foreign.some(({ name, definition }) => name === secret && definition !== undefined)) return true;
  const definition = claims && definitions.making(context.namespace.name, secret);
  return definition !== undefined && treatmentOf(definition, context, claims) !== 'left';
}

/** A copy for each definition that is read as the Pod, with all places that take it; the others are awaited. */
export function planDefinitions(input: DefinitionsInput): PlannedDefinitions {
  const { uses, added, definitions, context } = input;
  if (uses.length === 0 && added.length === 0) return NOTHING;
  const [copied, awaited] = [new Map<string, Group>(), new Map<string, Group>()];
  const problems: LatchkeyError[] = [];
  const namespace = context.namespace.name;

  for (const use of uses) {
    const record = input.foreign.find(({ name }) => name === use.secret)?.definition;
    const definition =
      record === undefined
        ? definitions.making(namespace, use.secret)
        : definitions.get(namespace, record.externalSecret);
    if (definition === undefined) {
      problems.push(definitionNotFound(record?.externalSecret ?? '', namespace, definitions).at(use.where));
    } else {
      // Another Pod's copy may be there for an annotation, whatever the stores are read as: it stays a copy.
      const isCopied = record !== undefined || treatmentOf(definition, context, input.claims) === 'copied';
      groupOf(definition, isCopied ? copied : awaited).uses.push(use);
    }
  }
  for (const source of added) {
    const definition = definitions.get(namespace, source.externalSecret);
    if (definition === undefined) {
      problems.push(definitionNotFound(source.externalSecret, namespace, definitions).at(source.where));
    } else groupOf(definition, copied).added.push(source);
  }

  const copies = [...copied.values()].map((group) => planCopy(group, input));
  return {
    secrets: copies.flatMap(({ secret }) => secret ?? []),
    renames: copies.flatMap(({ renames }) => renames),
    envFromEdits: inOrder(
      added,
      copies.flatMap(({ envFromEdits }) => envFromEdits),
    ),
    awaits: [...awaited.values()].map((group) => planAwait(group, context)),
    problems: [...problems, ...copies.flatMap((copy) => copy.problems)],
  };
}

function groupOf(definition: DefinitionFacts, groups: Map<string, Group>): Group {
  const group = groups.get(definition.name) ?? { definition, uses: [], added: [] };
  groups.set(definition.name, group);
  return group;
}

function planCopy({ definition, uses, added }: Group, { context, scope, owner }: DefinitionsInput) {
  const places = placesOf([...uses, ...added]);
  const problems = copyProblems(definition, context).map((problem) => problem.at(joinPlaces(places)));
  if (problems.length > 0) return { problems, renames: [], envFromEdits: [] };

  const { name: externalSecret, digest } = definition;
  const name = secretName(scope, { keys: {}, definition: { externalSecret, digest } });
  const optional = added.length === 0 && uses.every((use) => use.optional);
  const variables: CopiedVariable[] = [
    ...uses.flatMap(({ variable, ...use }) =>
      variable === undefined ? [] : { ...variable, optional: use.optional, where: use.where },
    ),
    ...added.map(({ where }) => ({ key: undefined, optional: false, where })),
  ];
  const secret: PlannedSecret = {
    name,
    owner,
    writer: 'webhook',
    recorded: false,
    keys: {},
    definition: { externalSecret, digest, places, optional, variables },
  };
  const renames = uses.flatMap(({ path, secret: before }): readonly JsonPatchOperation[] => [
    { op: 'test', path, value: before },
    { op: 'replace', path, value: name },
  ]);
  const envFromEdits = added.map((envFrom) => ({ envFrom, secretName: name, optional: false }));
  return { secret, renames, envFromEdits, problems };
}

function planAwait({ definition, uses }: Group, context: StoreContext): AwaitedDefinition {
  const places = placesOf(uses);
  return {
    externalSecret: definition.name,
    target: definition.target ?? definition.name,
    places,
    optional: uses.every(({ optional }) => optional),
    problems: syncProblems(definition, context).map((problem) => problem.at(joinPlaces(places))),
  };
}

function placesOf(places: readonly { readonly where: string }[]): readonly string[] {
  return [...new Set(places.map(({ where }) => where))];
}

/** As the annotation lists them: of two with one key the later wins. */
function inOrder(added: readonly EnvFromDefinition[], edits: readonly EnvFromEdit[]): readonly EnvFromEdit[] {
  return added.flatMap((source) => edits.find(({ envFrom }) => envFrom === source) ?? []);
}
