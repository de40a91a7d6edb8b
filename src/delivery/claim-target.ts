import { LatchkeyError } from '../errors.ts';
import type { StoredTarget, TargetPlace } from './target.ts';
import { isMarked, madeBy } from './target-marks.ts';

/** Whether an ExternalSecret of the namespace still makes a whole Secret of that name. */
export type StillMakes = (externalSecret: string) => boolean;

const GROUP = 'external-secrets.io';

/**
 * Refuses to write what is not this ExternalSecret's (promise 6). Throws TARGET_CONFLICT, at External Secrets' own words for
 * it where they have some.
 */
export function claimTarget(place: TargetPlace, stored: StoredTarget, stillMakes: StillMakes): void {
  const { name, maker, owned } = place;
  if (!isMarked(stored)) throw foreignTarget(name);

  const controller = stored.ownerReferences?.find((owner) => owner.controller === true);
  const isOfExternalSecret = controller?.kind === 'ExternalSecret' && controller.apiVersion.startsWith(`${GROUP}/`);
  if (isOfExternalSecret && controller.name !== maker.name) throw ownedByAnother(name, controller.name);
  const other = madeBy(stored);
  if (other !== undefined && other !== maker.name && stillMakes(other)) throw ownedByAnother(name, other);
  // An ExternalSecret that was made anew under the name takes over what the one before leaves behind.
  if (owned && controller !== undefined && !isOfExternalSecret) {
    throw new LatchkeyError(
      'TARGET_CONFLICT',
      `Secret "${name}" is controlled by ${controller.kind} "${controller.name}"`,
      {
        where: 'failed to take ownership of target secret',
        hint: 'Choose another target.name, or creationPolicy Merge',
      },
    );
  }
  if (stored.deletionTimestamp !== undefined) {
    throw new LatchkeyError('TARGET_CONFLICT', `Secret "${name}" is being deleted`, {
      where: 'could not update secret',
      hint: 'It is made again as soon as its finalizers let it go',
    });
  }
}

export function foreignTarget(name: string, where = 'could not update secret'): LatchkeyError {
  return new LatchkeyError('TARGET_CONFLICT', `Secret "${name}" exists and was not made by an ExternalSecret`, {
    where,
    hint: 'Choose another target.name, delete the Secret, or give it over with the annotation latchkey.dev/adopt: "true"',
  });
}

function ownedByAnother(name: string, other: string): LatchkeyError {
  return new LatchkeyError('TARGET_CONFLICT', `Secret "${name}" belongs to ExternalSecret "${other}"`, {
    where: 'target is owned by another ExternalSecret',
    hint: 'Give one of the two another target.name',
  });
}
