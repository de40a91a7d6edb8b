import { parseDurationMs } from '../duration.ts';
import { isMapping } from '../fields.ts';
import { type ClaimSettings, isClaimed } from '../stores/is-claimed.ts';
import { parseStore, type ParseStoreOptions } from '../stores/parse-store.ts';
import { type Findings, NOTHING_OF_OURS } from './findings.ts';
import type { Manifest } from './validation-request.ts';

export interface CheckStoreOptions extends ParseStoreOptions {
  readonly claim: ClaimSettings;
}

/** As it will be read: every field with its path, and no call to the provider. */
export async function checkSecretStore(manifest: Manifest, options: CheckStoreOptions): Promise<Findings> {
  const { apiVersion, kind, namespace, name, spec } = manifest;
  const metadata = { name, ...(kind === 'SecretStore' && { namespace }) };
  const store = await parseStore({ apiVersion, kind, metadata, spec }, options);
  if (!isClaimed(store, options.claim)) return NOTHING_OF_OURS;

  const isKnownKind = options.providerKinds.some((one) => one.name === store.provider);
  const isMeantForUs = store.controller !== '' || isKnownKind || store.provider === '';
  const problems = [...store.problems, ...checkTimes(spec)];
  return {
    // A store of a provider that we do not know and without a class may be another controller's.
    class: isMeantForUs ? 'ours' : 'unknown',
    problems,
    // Where something is wrong, reading may have stopped before the rest.
    warnings: problems.length > 0 ? [] : store.warnings,
  };
}

/** Read mildly where a store is used; here is the place to say that a time is none. */
function checkTimes(spec: unknown): readonly string[] {
  const { refreshInterval } = isMapping(spec) ? spec : {};
  if (refreshInterval === undefined || refreshInterval === null) return [];
  const ms = typeof refreshInterval === 'string' ? parseDurationMs(refreshInterval) : wholeSeconds(refreshInterval);
  return ms !== undefined && ms >= 0 ? [] : [`spec.refreshInterval: must be whole seconds or a duration such as "5m"`];
}

function wholeSeconds(value: unknown): number | undefined {
  return Number.isInteger(value) ? Number(value) * 1000 : undefined;
}
