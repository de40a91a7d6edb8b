import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../fields.ts';

/** What became of a ClusterExternalSecret. */
export interface Outcome {
  readonly externalSecretName: string;
  readonly provisionedNamespaces: readonly string[];
  readonly failedNamespaces: readonly NamespaceFailure[];
}

export interface NamespaceFailure {
  readonly namespace: string;
  readonly reason: string;
}

/** External Secrets' own text. */
const NAMESPACES_FAILED = 'one or more namespaces failed';

/** The status as a merge patch, or `undefined` where the given one says all of it already. Other conditions stay. */
export function nextStatus(before: unknown, outcome: Outcome): Readonly<Record<string, unknown>> | undefined {
  const stored = isMapping(before) ? before : {};
  const others = listOf(stored['conditions']).filter(({ type }) => type !== 'Ready');
  const ready = listOf(stored['conditions']).find(({ type }) => type === 'Ready');
  const { provisionedNamespaces, failedNamespaces } = outcome;
  const next = {
    externalSecretName: outcome.externalSecretName,
    provisionedNamespaces: orNull(provisionedNamespaces.toSorted()),
    failedNamespaces: orNull(failedNamespaces.toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1))),
  };
  const condition =
    failedNamespaces.length === 0
      ? { type: 'Ready', status: 'True' }
      : { type: 'Ready', status: 'False', message: NAMESPACES_FAILED };

  const isSaid = ready?.['status'] === condition.status && ready['message'] === condition.message;
  const isSame = Object.entries(next).every(([name, value]) => isDeepStrictEqual(stored[name] ?? null, value));
  return isSaid && isSame ? undefined : { ...next, conditions: [...others, condition] };
}

/** As External Secrets writes them: an empty list is left out. */
function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}
