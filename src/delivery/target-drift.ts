import { type ManagedFields, ownedKeys, readManagedFields } from '../kube/managed-fields.ts';
import type { StoredTarget, TargetPlace } from './target.ts';
import { hasKeysAsWritten, MANAGED_LABEL, madeBy, targetManager } from './target-marks.ts';

/**
 * Whether somebody changed what we wrote: told from who owns which field, because whoever changes a value takes it over.
 * `written` are the keys of our last write, where this process made it.
 */
export function isAltered(place: TargetPlace, stored: StoredTarget, written: readonly string[] | undefined): boolean {
  const { extent, owned, maker } = place;
  if (stored.labels?.[MANAGED_LABEL] !== 'true') return true;
  if (owned && !stored.ownerReferences?.some(({ uid }) => uid === maker.uid)) return true;
  const own = ownDataKeys(place, stored);
  if (written !== undefined && !isSame(own, written)) return true;
  if (extent === 'part') return own.length === 0;
  if (madeBy(stored) !== maker.name || hasKeysAsWritten(stored, own) !== true) return true;
  // Of what is applied as `stringData`, nobody is told to own the value, so it may have changed under its owner.
  return foreignKeys(place, stored, own).length > 0 || stringKeys(stored).length > 0;
}

/** Keys that others put into a Secret of which the whole is ours. Those that ExternalSecrets merge into it are wanted. */
export function foreignKeys(place: TargetPlace, stored: StoredTarget, own: Iterable<string>): readonly string[] {
  if (place.extent === 'part') return [];
  const ours = new Set(own);
  const theirs = readManagedFields(stored).filter(({ manager }) => !manager.startsWith('latchkey/'));
  const keys = [...theirs.flatMap((entry) => ownedKeys(entry, 'data')), ...stringKeys(stored)];
  return [...new Set(keys)].filter((key) => !ours.has(key));
}

function stringKeys(stored: StoredTarget): readonly string[] {
  return readManagedFields(stored).flatMap((entry) => ownedKeys(entry, 'stringData'));
}

function ownDataKeys(place: TargetPlace, stored: StoredTarget): readonly string[] {
  const manager = targetManager(place);
  const isOwn = (entry: ManagedFields): boolean => entry.manager === manager && entry.operation === 'Apply';
  return readManagedFields(stored)
    .filter(isOwn)
    .flatMap((entry) => ownedKeys(entry, 'data'));
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return new Set(left).size === new Set(right).size && right.every((key) => left.includes(key));
}
