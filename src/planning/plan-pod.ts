import { LatchkeyError } from '../errors.ts';
import type { ServiceAccountFacts } from '../identity/store-identity.ts';
import { ENV_PREFIX, INJECTED, PLAN, WORKLOAD_KEYS } from '../references/annotations.ts';
import type { AnnotationSettings, AnnotationSource, Delivery } from '../references/parse-annotations.ts';
import { parseAnnotations } from '../references/parse-annotations.ts';
import type { StoreName } from '../references/reference.ts';
import type { NamespaceFacts, StoreIndex } from '../stores/store.ts';
import { addVariables, NOTHING_ADDED } from './add-variables.ts';
import type { StoreContext } from './check-store.ts';
import type { DefinitionIndex } from './definition.ts';
import { containerPatch } from './env-patch.ts';
import { findSecretUses, type SecretUse } from './find-secret-uses.ts';
import { findVariables } from './find-variables.ts';
import { type JsonPatchOperation, pointer } from './json-patch.ts';
import type { Owner, Plan } from './plan.ts';
import { nameStoresOfVariables } from './name-stores-of-variables.ts';
import { isFromDefinition, planDefinitions } from './plan-definitions.ts';
import { formatPlan, parsePlan, type RecordedSecret } from './plan-annotation.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import { ownProblems, sortRecorded, withOwn } from './recorded-secrets.ts';
import { tooManyReferences } from './reference-limit.ts';
import type { SecretScope } from './secret-name.ts';
import { planSecrets } from './plan-secrets.ts';

export interface PlanInput {
  readonly pod: PodView;
  /** The containers to look at: all of a new Pod, or the ephemeral ones that are being added. */
  readonly containers: readonly ContainerView[];
  /** `ephemeral`: only variables of `containers` count, and nothing else on the Pod can change. */
  readonly mode: 'create' | 'ephemeral';
  readonly namespace: NamespaceFacts;
  readonly serviceAccount: ServiceAccountFacts;
  /** Verified: it exists with that uid. */
  readonly owner: Owner;
  /** Annotations of the workloads above, the nearest first. */
  readonly above: readonly AnnotationSource[];
  readonly stores: StoreIndex;
  readonly definitions: DefinitionIndex;
  readonly settings: PlanSettings;
}

/** What the operator's configuration says about planning. */
export interface PlanSettings {
  readonly controllerClass: string;
  /** Whether ExternalSecrets are carried out here; else Pods that use their Secrets are left alone. */
  readonly externalSecrets: boolean;
  /** Whether ExternalSecrets of stores without a class are ours. */
  readonly claimUnclassed: boolean;
  readonly defaultStore: StoreName | undefined;
  readonly deliveries: readonly Delivery[];
}

/** Kubernetes allows 256 KiB for all annotations of an object; a quarter is left to others. */
const MAX_PLAN_LENGTH = 192 * 1024;
const PLAN_ON_POD = `annotation ${PLAN} on Pod`;
const NOTHING_TO_DO: Plan = Object.freeze({ secrets: [], patch: [], awaits: [], problems: [], warnings: [] });

/** Decides everything about a Pod that can be decided without I/O. Pure: the same input always gives the same plan. */
export function planPod(input: PlanInput): Plan {
  const { pod, mode, containers } = input;
  const { settings, problems: annotationProblems, warnings } = parseAnnotations(annotationSources(input));
  if (!settings.inject) return NOTHING_TO_DO;

  const scope = scopeOf(input);
  const { own, foreign } = sortRecorded(parsePlan(pod.annotations?.[PLAN]), scope, input.definitions);

  const found = findVariables(containers, foreign);
  // What annotations add was added in the first round; a container that came later does not get it.
  const takesAnnotations = mode === 'create' && own.length === 0;
  const excess = tooManyReferences(found, containers, takesAnnotations ? settings : undefined);
  if (excess !== undefined) return { ...NOTHING_TO_DO, problems: [excess], warnings };
  const context = storeContext(input, settings);
  const of = {
    foreign,
    context,
    definitions: input.definitions,
    claims: input.settings.externalSecrets ? input.settings : undefined,
  };
  const places = mode === 'create' ? pod.secretPlaces : [];
  const uses = findSecretUses(containers, places, (secret) => isFromDefinition(secret, of));
  const copied = copiedEnvFrom(uses, foreign);
  const added = takesAnnotations ? addVariables(containers, settings, found, copied) : NOTHING_ADDED;
  const named = nameStoresOfVariables([found, added], context);
  const defined = planDefinitions({ ...of, uses, added: added.definitions, scope, owner: input.owner });

  const problems = [
    ...(mode === 'create' ? [...annotationProblems, ...unserved(settings, input.settings)] : []),
    ...found.problems,
    ...added.problems,
    ...named.problems,
    ...defined.problems,
    ...own
      .flatMap((secret) => ownProblems(secret, context, input.definitions))
      .map((problem) => problem.at(PLAN_ON_POD)),
  ];
  const planned = planSecrets(named.variables, named.envFrom, scope, input.owner);
  const editsOf = Map.groupBy(planned.edits, ({ variable }) => variable.container);
  const envFromEdits = [...planned.envFromEdits, ...defined.envFromEdits];
  const envFromEditsOf = Map.groupBy(envFromEdits, ({ envFrom }) => envFrom.container);
  const patch = [
    ...defined.renames,
    ...containers.flatMap((container) =>
      containerPatch(container, editsOf.get(container) ?? [], envFromEditsOf.get(container) ?? []),
    ),
  ];
  const secrets = [...planned.secrets, ...defined.secrets];
  const all = withOwn(secrets, own, input.owner);
  if (mode === 'create' && (secrets.length > 0 || asksForNothing(pod))) {
    const note = formatPlan(all);
    if (note.length > MAX_PLAN_LENGTH) problems.push(planTooLong(note.length));
    else patch.push(...markPatch(pod, note));
  }
  return { secrets: all, patch, awaits: defined.awaits, problems, warnings };
}

/** Containers that take another Pod's copy whole: the annotation's work is done there. */
function copiedEnvFrom(uses: readonly SecretUse[], foreign: readonly RecordedSecret[]): ReadonlySet<ContainerView> {
  const copies = uses.filter(({ secret }) => foreign.some(({ name }) => name === secret));
  return new Set(copies.flatMap(({ envFromOf }) => envFromOf ?? []));
}

function annotationSources({ pod, above, serviceAccount, namespace }: PlanInput): readonly AnnotationSource[] {
  return [
    { where: 'Pod', level: 'pod', annotations: pod.annotations },
    ...above,
    {
      where: `ServiceAccount "${serviceAccount.name}"`,
      level: 'serviceAccount',
      annotations: serviceAccount.annotations,
    },
    { where: `Namespace "${namespace.name}"`, level: 'namespace', annotations: namespace.annotations },
  ];
}

function scopeOf({ namespace, serviceAccount, owner }: PlanInput): SecretScope {
  const ownerUid = owner.kind === 'object' ? owner.object.uid : '';
  return { namespace: namespace.name, serviceAccountUid: serviceAccount.uid, ownerUid };
}

function storeContext(input: PlanInput, { store }: AnnotationSettings): StoreContext {
  const { namespace, serviceAccount, stores, settings } = input;
  const { controllerClass } = settings;
  return { namespace, serviceAccount, stores, controllerClass, defaultStore: store ?? settings.defaultStore };
}

function unserved(
  { delivery, where, unserved: annotations }: AnnotationSettings,
  settings: PlanSettings,
): readonly LatchkeyError[] {
  const problems = annotations.map(
    ({ where: place }) =>
      new LatchkeyError('ANNOTATION_INVALID', 'this version of Latchkey does not serve it', {
        where: place,
        hint: 'Remove it',
      }),
  );
  if (delivery === undefined || settings.deliveries.includes(delivery)) return problems;
  const hint = `Write ${settings.deliveries.join(' or ')}, or remove it`;
  return [
    ...problems,
    new LatchkeyError('ANNOTATION_INVALID', `delivery "${delivery}" is not allowed here`, {
      where: where.delivery,
      hint,
    }),
  ];
}

/** Annotations that come to nothing, such as an empty map, are served too: the leftovers policy looks for our mark. */
function asksForNothing({ annotations = {} }: PodView): boolean {
  if (annotations[PLAN] !== undefined) return false;
  return Object.keys(annotations).some((key) => WORKLOAD_KEYS.has(key) || key.startsWith(ENV_PREFIX));
}

function planTooLong(length: number): LatchkeyError {
  return new LatchkeyError(
    'REF_INVALID',
    `the references of the Pod take ${length} characters together; its annotations have room for ${MAX_PLAN_LENGTH}`,
    { hint: 'Use latchkey.dev/env-from for secrets of many properties, or divide the Pod' },
  );
}

function markPatch(pod: PodView, note: string): readonly JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  if (pod.labels === undefined) operations.push({ op: 'add', path: '/metadata/labels', value: {} });
  operations.push({ op: 'add', path: pointer('metadata', 'labels', INJECTED), value: 'true' });
  if (pod.annotations === undefined) operations.push({ op: 'add', path: '/metadata/annotations', value: {} });
  operations.push({ op: 'add', path: pointer('metadata', 'annotations', PLAN), value: note });
  return operations;
}
