import { createHash } from 'node:crypto';
import type { StoredTarget, TargetPlace } from './target.ts';

/** External Secrets' mark, and ours, on every Secret that an ExternalSecret makes or merges into. The fence asks for it. */
export const MANAGED_LABEL = 'reconcile.external-secrets.io/managed';
/** Set by whoever gives a Secret of theirs over: an annotation or a label with the value "true". */
export const ADOPT = 'latchkey.dev/adopt';
/** Names the ExternalSecret to which the whole Secret belongs. */
export const MADE_BY = 'latchkey.dev/external-secret';
/** Says after a restart whether a key was taken away: a digest of the names of the keys. */
const KEYS = 'latchkey.dev/keys';

/** One for whoever has the whole Secret, and one each for those that share it, so that nobody's apply removes another's keys. */
export function targetManager({ extent, maker }: Pick<TargetPlace, 'extent' | 'maker'>): string {
  return extent === 'whole' ? 'latchkey' : partManager(maker.name);
}

/** Managers whose fields are this ExternalSecret's too: itself under External Secrets, or under another creationPolicy. */
export function formerManagers(place: TargetPlace, stored: StoredTarget): readonly string[] {
  const { extent, maker } = place;
  const theirs = `${THEIRS}/${maker.name}`;
  const others = extent === 'whole' ? [partManager(maker.name)] : madeBy(stored) === maker.name ? ['latchkey'] : [];
  return [theirs, `${THEIRS}/${createHash('sha3-224').update(maker.name).digest('hex')}`, ...others];
}

export function isMarked(stored: StoredTarget): boolean {
  const { labels, annotations } = stored;
  const isGivenOver = [labels, annotations].some((marks) => marks?.[ADOPT] === 'true');
  return isGivenOver || labels?.[MANAGED_LABEL] === 'true' || madeBy(stored) !== undefined;
}

export function madeBy({ annotations }: StoredTarget): string | undefined {
  return annotations?.[MADE_BY];
}

/** Whether the Secret is of this ExternalSecret, and of this one alone. */
export function isMadeFor({ maker }: TargetPlace, stored: StoredTarget): boolean {
  return madeBy(stored) === maker.name || (stored.ownerReferences ?? []).some(({ uid }) => uid === maker.uid);
}

/** What only the one who has the whole Secret writes on it. */
export function wholeMarks({ maker }: TargetPlace, keys: Iterable<string>): Readonly<Record<string, string>> {
  return { [MADE_BY]: maker.name, [KEYS]: digestOf(keys) };
}

/** Whether the keys are those that were written; `undefined` where nothing tells. */
export function hasKeysAsWritten({ annotations }: StoredTarget, keys: Iterable<string>): boolean | undefined {
  const written = annotations?.[KEYS];
  return written === undefined ? undefined : written === digestOf(keys);
}

const THEIRS = 'externalsecrets.external-secrets.io';
/** The API server's bound on a field manager's name. */
const MAX_MANAGER = 128;

function partManager(name: string): string {
  const plain = `latchkey/${name}`;
  return plain.length <= MAX_MANAGER ? plain : `latchkey/${digestOf([name])}`;
}

function digestOf(keys: Iterable<string>): string {
  const sorted = [...keys].toSorted();
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
