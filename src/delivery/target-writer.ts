import { createHash } from 'node:crypto';
import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import { type KubeClient, KubeError, METADATA_ONLY } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/kube-error.ts';
import { readManagedFields, takenOver } from '../kube/managed-fields.ts';
import { apiPath, SECRETS } from '../kube/paths.ts';
import { applyObject, isNameTaken, jsonPatch, mergePatch } from '../kube/server-side-apply.ts';
import { checkSecretSize } from './check-value.ts';
import { foreignTarget } from './claim-target.ts';
import type { StoredTarget, Target, TargetPlace } from './target.ts';
import { foreignKeys } from './target-drift.ts';
import { formerManagers, targetManager } from './target-marks.ts';
import { targetObject } from './target-object.ts';
import { fromTargetError } from './target-error.ts';

/** Writes the Secrets that ExternalSecrets make, by name and without reading their data. All it throws is LatchkeyError. */
export interface TargetWriter {
  /** What is stored under the name; `undefined` where nothing is. Throws TARGET_CONFLICT for what the fence keeps from us. */
  look(place: TargetPlace, call: Call): Promise<StoredTarget | undefined>;
  /** Creates the Secret, or makes the one that was looked at as it should be. */
  write(target: Target, stored: StoredTarget | undefined, call: Call): Promise<StoredTarget>;
  /** Deletes the one that was looked at. */
  remove(place: TargetPlace, stored: StoredTarget, call: Call): Promise<void>;
  /** Equal for targets that would be written alike. */
  digest(target: Target): string;
}

/** Not that of our applies, which would take away again what another operation of their manager owns. */
const CHANGE_MANAGER = 'latchkey-target';

export function createTargetWriter(client: KubeClient): TargetWriter {
  return {
    async look(place, { signal }) {
      try {
        // A merge patch answers with metadata, and changes nothing when it is empty: our only way to look.
        const options = { fieldManager: CHANGE_MANAGER, signal };
        return (await mergePatch(client, pathOf(place), {}, options)).metadata;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        if (error instanceof KubeError && error.status === 403 && (await isTaken(place, signal)))
          throw foreignTarget(place.name);
        throw fromTargetError(error, place);
      }
    },

    async write(target, stored, { signal }) {
      checkSize(target);
      try {
        const before = stored === undefined ? undefined : await takeOver(target, stored, signal);
        const options = { fieldManager: targetManager(target), force: true, signal };
        const { metadata } = await applyObject(client, pathOf(target), targetObject(target, before), options);
        return await removeForeign(target, metadata, signal);
      } catch (error) {
        throw fromTargetError(error, target);
      }
    },

    async remove(place, { uid }, { signal }) {
      try {
        const request = { method: 'DELETE', path: pathOf(place), accept: METADATA_ONLY, signal } as const;
        await client.request({ ...request, body: { preconditions: { uid } } });
      } catch (error) {
        // Gone, or another one by now.
        if (isNotFound(error) || isConflict(error)) return;
        throw fromTargetError(error, place).at('could not delete secret');
      }
    },

    digest: (target) =>
      createHash('sha256')
        .update(JSON.stringify(targetObject(target, undefined)))
        .digest('base64url'),
  };

  /** Asks the name with a Secret that the fence lets through: only where it is taken, the refusal was about what is there. */
  async function isTaken(place: TargetPlace, signal: AbortSignal): Promise<boolean> {
    const probe: Target = { ...place, metadata: NOTHING, type: undefined, immutable: false, data: new Map() };
    try {
      const collection = apiPath(SECRETS, { namespace: place.namespace });
      return await isNameTaken(client, collection, targetObject(probe, undefined), { signal });
    } catch {
      return false;
    }
  }

  async function takeOver(target: Target, stored: StoredTarget, signal: AbortSignal): Promise<StoredTarget> {
    const former = formerManagers(target, stored);
    const all = readManagedFields(stored);
    const managedFields = takenOver(all, targetManager(target), ({ manager }) => former.includes(manager));
    if (managedFields === undefined) return stored;
    const { resourceVersion } = stored;
    const operations = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    ];
    const options = { fieldManager: CHANGE_MANAGER, signal };
    return (await jsonPatch(client, pathOf(target), operations, options)).metadata;
  }

  async function removeForeign(target: Target, stored: StoredTarget, signal: AbortSignal): Promise<StoredTarget> {
    const foreign = foreignKeys(target, stored, target.data.keys());
    if (foreign.length === 0) return stored;
    const { uid } = stored;
    const body = { metadata: { uid }, data: Object.fromEntries(foreign.map((key) => [key, null])) };
    return (await mergePatch(client, pathOf(target), body, { fieldManager: CHANGE_MANAGER, signal })).metadata;
  }
}

const NOTHING = { labels: {}, annotations: {}, finalizers: [] };

function pathOf({ namespace, name }: TargetPlace): string {
  return apiPath(SECRETS, { namespace, name });
}

function checkSize({ data }: Target): void {
  try {
    checkSecretSize(data);
  } catch (thrown) {
    throw LatchkeyError.from(thrown).at('could not update secret');
  }
}
