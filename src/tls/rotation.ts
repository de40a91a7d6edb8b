/**
 * How something that two sides must agree on is replaced without a moment of disagreement: those who check accept the
 * next one before anybody uses it, and the previous one until nobody uses it any more.
 *
 *     current ──introduce──▶ current + next ──switch──▶ previous + current ──retire──▶ current
 *
 * For the certificate authority, API servers check and replicas use; for the path token it is the other way round.
 */
export interface Rotation<T> {
  readonly current: Generation<T>;
  readonly next?: Generation<T>;
  readonly previous?: Generation<T>;
}

export interface Generation<T> {
  readonly value: T;
  /** When it took this place. */
  readonly since: Date;
}

export type Step = 'keep' | 'introduce' | 'switch' | 'retire';

/** What is known at a moment; a rotation never goes on from what is only hoped. */
export interface Evidence {
  readonly now: Date;
  /** Whether `current` has lived long enough. */
  readonly isDue: boolean;
  /** Since when those who check have been told of `next`; undefined where that is not known. */
  readonly acceptedSince: Date | undefined;
  /** Whether nothing that was made with `previous` can be in use any more. */
  readonly isSpent: boolean;
}

/**
 * At most one generation is on its way in or out at a time. `spreadMs` is what it takes until a change that was published
 * is followed everywhere.
 */
export function nextStep<T>(rotation: Rotation<T>, evidence: Evidence, spreadMs: number): Step {
  const { now, isDue, acceptedSince, isSpent } = evidence;
  if (rotation.previous !== undefined) return isSpent ? 'retire' : 'keep';
  if (rotation.next === undefined) return isDue ? 'introduce' : 'keep';
  if (acceptedSince === undefined) return 'keep';
  const knownMs = Math.max(acceptedSince.getTime(), rotation.next.since.getTime());
  return now.getTime() >= knownMs + spreadMs ? 'switch' : 'keep';
}

export function introduce<T>({ current }: Rotation<T>, value: T, now: Date): Rotation<T> {
  return { current, next: { value, since: now } };
}

/** `next` becomes current. Without a next one nothing changes. */
export function switchOver<T>(rotation: Rotation<T>, now: Date): Rotation<T> {
  if (rotation.next === undefined) return rotation;
  return {
    current: { value: rotation.next.value, since: now },
    previous: { value: rotation.current.value, since: now },
  };
}

export function retire<T>({ current }: Rotation<T>): Rotation<T> {
  return { current };
}

/** What those who check accept, newest first. */
export function acceptedValues<T>({ current, next, previous }: Rotation<T>): readonly T[] {
  return [next, current, previous].filter((generation) => generation !== undefined).map(({ value }) => value);
}
