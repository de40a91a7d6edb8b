import { LatchkeyError } from '../errors.ts';

/** The API server hands our text to events that keep 1,024 bytes; the first places say enough. */
const MOST_PLACES = 5;

/** Problems in the order they were met; one that several places share is told once, with all of them. */
export function groupProblems(problems: readonly LatchkeyError[]): readonly LatchkeyError[] {
  const groups = new Map<string, { readonly first: LatchkeyError; readonly places: Set<string> }>();
  for (const problem of problems) {
    const key = `${problem.code}\n${problem.message}\n${problem.hint ?? ''}`;
    const group = groups.get(key) ?? { first: problem, places: new Set() };
    if (problem.where !== undefined) group.places.add(problem.where);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, places }) =>
    places.size <= 1 ? first : relocate(first, joinPlaces([...places])),
  );
}

/** `container "api", env A; init container "migrate", env A; and 3 more`. */
export function joinPlaces(places: readonly string[]): string {
  const rest = places.length - MOST_PLACES;
  const shown = places.slice(0, MOST_PLACES).join('; ');
  return rest > 0 ? `${shown}; and ${rest} more` : shown;
}

function relocate(problem: LatchkeyError, where: string): LatchkeyError {
  const { code, message, hint, retryAfterMs, cause } = problem;
  return new LatchkeyError(code, message, { where, hint, retryAfterMs, cause });
}
