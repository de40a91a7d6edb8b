import type { Definition } from './definition.ts';
import { isOnce } from './is-once.ts';
import { syncedVersion } from './synced-version.ts';

/** Whether the Secret is what the definition as it stands makes of it, as far as its refresh policy ever brings that about. */
export function isSynced(definition: Definition): boolean {
  const { syncedResourceVersion } = definition.status;
  return (
    syncedResourceVersion !== '' && (isOnce(definition.spec) || syncedResourceVersion === syncedVersion(definition))
  );
}
