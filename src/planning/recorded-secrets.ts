import type { LatchkeyError } from '../errors.ts';
import { recordedCopyProblems } from './check-definition.ts';
import { recordedProblems, type StoreContext } from './check-store.ts';
import type { DefinitionIndex } from './definition.ts';
import type { Owner, PlannedSecret } from './plan.ts';
import type { RecordedSecret } from './plan-annotation.ts';
import { secretName, type SecretScope } from './secret-name.ts';

export interface RecordedSecrets {
  /** Planned for this very Pod, by an earlier round of its admission. */
  readonly own: readonly RecordedSecret[];
  /** Of another Pod, whose plan was copied with it; and copies of ExternalSecrets that have changed since. */
  readonly foreign: readonly RecordedSecret[];
}

/** Sorts what stands in a Pod's plan, which anybody may have written. */
export function sortRecorded(
  recorded: readonly RecordedSecret[],
  scope: SecretScope,
  definitions: DefinitionIndex,
): RecordedSecrets {
  const own = recorded.filter((secret) => secretName(scope, secret) === secret.name && isCurrent(secret));
  return { own, foreign: recorded.filter((secret) => !own.includes(secret)) };

  function isCurrent({ definition }: RecordedSecret): boolean {
    if (definition === undefined) return true;
    return definitions.get(scope.namespace, definition.externalSecret)?.digest === definition.digest;
  }
}

/** What forbids the Pod to read what its plan names: whoever wrote the plan may have skipped every check. */
export function ownProblems(
  secret: RecordedSecret,
  context: StoreContext,
  definitions: DefinitionIndex,
): readonly LatchkeyError[] {
  return secret.definition === undefined
    ? recordedProblems(secret, context)
    : recordedCopyProblems(secret.definition, context, definitions);
}

/** Secrets of an earlier round as they were planned then, and what is planned now: perhaps one of the former, for a new place. */
export function withOwn(
  planned: readonly PlannedSecret[],
  own: readonly RecordedSecret[],
  owner: Owner,
): readonly PlannedSecret[] {
  const kept = own.filter(({ name }) => !planned.some((secret) => secret.name === name));
  const now = planned.map((secret) =>
    own.some(({ name }) => name === secret.name) ? { ...secret, recorded: true } : secret,
  );
  return [...kept.map((secret) => ({ ...toPlanned(secret, owner), recorded: true })), ...now];
}

/** A Secret that a plan describes: the patch for it is in the Pod already. */
export function toPlanned({ name, keys, map, definition }: RecordedSecret, owner: Owner): PlannedSecret {
  return {
    name,
    owner,
    writer: 'webhook',
    recorded: false,
    keys,
    ...(map && { map }),
    ...(definition && { definition: { ...definition, places: [], optional: true, variables: [] } }),
  };
}
