import { claimTarget, foreignTarget, type StillMakes } from '../../delivery/claim-target.ts';
import type { StoredTarget, TargetPlace } from '../../delivery/target.ts';
import { isMadeFor } from '../../delivery/target-marks.ts';
import type { TargetWriter } from '../../delivery/target-writer.ts';
import { LatchkeyError } from '../../errors.ts';
import type { Definition } from '../../externalsecrets/definition.ts';
import type { Produce, Produced } from '../../externalsecrets/produced.ts';
import type { Call } from '../../identity/store-identity.ts';
import { DELETED, MISSING, type Ready, RETAINED, SYNCED } from './ready.ts';
import type { SyncState, WrittenTarget } from './sync-state.ts';
import { placeOf, targetOf } from './target-of.ts';

/** What a sync came to. */
export interface Synced {
  readonly ready: Ready;
  readonly target: WrittenTarget | undefined;
  readonly happened: readonly Happening[];
}

/** For the ExternalSecret's Events. */
export interface Happening {
  readonly reason: 'Created' | 'Updated' | 'Deleted' | 'MissingProviderSecret';
  readonly message: string;
}

/** Reads everything a definition names and makes its Secret so. Throws LatchkeyError, in External Secrets' words. */
export type SyncTarget = (definition: Definition, state: SyncState, call: Call) => Promise<Synced>;

export interface SyncTargetOptions {
  readonly produce: Produce;
  readonly writer: TargetWriter;
  /** By namespace and target. */
  readonly stillMakes: (place: TargetPlace) => StillMakes;
}

/** The stores of an ExternalSecret name whom they are read as: there is no Pod. */
const NO_SERVICE_ACCOUNT = { namespace: '', name: '', uid: '', annotations: {} };

export function createSyncTarget({ produce, writer, stillMakes }: SyncTargetOptions): SyncTarget {
  return async (definition, state, call) => {
    const { creationPolicy, deletionPolicy } = definition.spec.target;
    const place = placeOf(definition);
    // "Once" is said of the Secret: a definition that was made anew leaves the one it finds as it is.
    const isOnce = definition.spec.refreshPolicy === 'CreatedOnce' && state.refresh.version === '';
    // Else both at once: what is fetched for nothing is worth less than the time.
    const first = state.isTargetTaken || isOnce ? await lookAt(definition, place, call) : undefined;
    if (isOnce && first !== undefined && isMadeFor(place, first)) return kept(place, first);

    const [produced, stored] = await both(read(definition, call), first ?? lookAt(definition, place, call));
    if (produced.isEmpty && deletionPolicy === 'Delete') return removed(place, produced, stored, call);
    if (produced.isEmpty && deletionPolicy === 'Retain')
      return { ...NOTHING_DONE, ready: RETAINED, target: state.target };
    if (creationPolicy === 'None') return { ...NOTHING_DONE, ready: SYNCED };
    if (creationPolicy === 'Merge' && stored === undefined) return { ...NOTHING_DONE, ready: MISSING };

    const written = await write(definition, produced, stored, state, call);
    const orphaned = await removeFormer(definition, state, call);
    return { ...written, happened: [...written.happened, ...orphaned] };
  };

  async function lookAt(definition: Definition, place: TargetPlace, call: Call): Promise<StoredTarget | undefined> {
    if (definition.spec.target.creationPolicy === 'None') return undefined;
    const stored = await writer.look(place, call);
    if (stored !== undefined) claimTarget(place, stored, stillMakes(place));
    return stored;
  }

  async function read(definition: Definition, call: Call): Promise<Produced> {
    try {
      return await produce(definition, { namespace: definition.namespace, serviceAccount: NO_SERVICE_ACCOUNT }, call);
    } catch (thrown) {
      throw LatchkeyError.from(thrown).at('could not get secret data from provider');
    }
  }

  async function write(
    definition: Definition,
    produced: Produced,
    stored: StoredTarget | undefined,
    state: SyncState,
    call: Call,
  ): Promise<Synced> {
    const target = targetOf(definition, produced);
    const digest = writer.digest(target);
    const { name } = target;
    const isAsWritten =
      stored !== undefined &&
      state.target?.digest === digest &&
      state.target.stored?.resourceVersion === stored.resourceVersion;
    const now = isAsWritten ? stored : await writer.write(target, stored, call);
    return {
      ready: SYNCED,
      target: { name, stored: now, keys: [...target.data.keys()], digest },
      happened: [...changes(stored, now), ...missing(produced)],
    };
  }

  async function removed(
    place: TargetPlace,
    produced: Produced,
    stored: StoredTarget | undefined,
    call: Call,
  ): Promise<Synced> {
    const where = 'could not delete secret';
    if (!place.owned) {
      const message = 'deletionPolicy Delete deletes no Secret that is not made with creationPolicy Owner';
      throw new LatchkeyError('EXTERNAL_SECRET_INVALID', message, { where, hint: 'Set creationPolicy: Owner' });
    }
    if (stored === undefined) return { ...NOTHING_DONE, ready: DELETED };
    if (!isMadeFor(place, stored)) throw foreignTarget(place.name, where);
    await writer.remove(place, stored, call);
    return {
      ...NOTHING_DONE,
      ready: DELETED,
      happened: [{ reason: 'Deleted', message: DELETED.message }, ...missing(produced)],
    };
  }

  /** The Secret of an earlier `target.name`. */
  async function removeFormer(definition: Definition, state: SyncState, call: Call): Promise<readonly Happening[]> {
    const former = state.target?.name ?? state.status.binding;
    const place = placeOf(definition, former);
    if (!place.owned || former === undefined || former === definition.spec.target.name) return [];
    try {
      const stored = await writer.look(place, call);
      if (stored === undefined || !isMadeFor(place, stored)) return [];
      await writer.remove(place, stored, call);
      return [{ reason: 'Deleted', message: 'secret deleted because it was orphaned' }];
    } catch (thrown) {
      const error = LatchkeyError.from(thrown);
      if (error.code === 'TARGET_CONFLICT') return [];
      throw error.at('could not delete orphaned secrets');
    }
  }
}

const NOTHING_DONE = { target: undefined, happened: [] };

function kept({ name }: TargetPlace, stored: StoredTarget): Synced {
  return { ...NOTHING_DONE, ready: SYNCED, target: { name, stored, keys: undefined, digest: undefined } };
}

/** The first failure of two, after both have ended. */
async function both<A, B>(left: Promise<A>, right: B | Promise<B>): Promise<readonly [A, B]> {
  const [first, second] = await Promise.allSettled([left, right]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

function changes(before: StoredTarget | undefined, now: StoredTarget): readonly Happening[] {
  if (before === undefined) return [{ reason: 'Created', message: 'secret created' }];
  return before.resourceVersion === now.resourceVersion ? [] : [{ reason: 'Updated', message: 'secret updated' }];
}

function missing({ missing: places }: Produced): readonly Happening[] {
  return places.map((place) => ({
    reason: 'MissingProviderSecret',
    message: `secret does not exist at provider using ${place}`,
  }));
}
