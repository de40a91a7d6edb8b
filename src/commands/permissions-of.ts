import type { Grant } from '../providers/grant.ts';
import { type Reader, readerTitle, storeTitle } from './find-reading.ts';
import type { Reading } from './collect-readings.ts';

/** All that one reader must be given. */
export interface ReaderPermissions {
  readonly reader: Reader;
  /** Workloads and ExternalSecrets. */
  readonly usedBy: readonly string[];
  readonly grants: readonly StoreGrant[];
  /** Stores whose provider gives no rights to anybody. */
  readonly nothingToGrant: readonly string[];
}

export interface StoreGrant extends Grant {
  readonly stores: readonly string[];
  /** Other ServiceAccounts that come in as the same principal. */
  readonly sharedWith: readonly string[];
}

/** From readings to rights, by reader. Pure. */
export function permissionsOf(readings: readonly Reading[], issuer: string): readonly ReaderPermissions[] {
  const byReader = [...Map.groupBy(readings, ({ reader }) => readerTitle(reader))];
  const permissions = byReader
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, own]) => (own[0] === undefined ? [] : [readerPermissions(own[0].reader, own, issuer)]));
  return permissions.map((one) => ({
    ...one,
    grants: one.grants.map((grant) => withSharers(grant, one, permissions)),
  }));
}

function readerPermissions(reader: Reader, readings: readonly Reading[], issuer: string): ReaderPermissions {
  const grants: StoreGrant[] = [];
  const nothingToGrant: string[] = [];
  for (const { store, configured, asked, serviceAccount } of readings) {
    const stores = [storeTitle(store)];
    const own = configured.grants?.(asked, { ...(serviceAccount && { serviceAccount }), issuer });
    if (own === undefined) nothingToGrant.push(...stores);
    for (const grant of own ?? []) add({ ...grant, stores, sharedWith: [] }, grants);
  }
  const usedBy = [...new Set(readings.flatMap((reading) => reading.usedBy))];
  return { reader, usedBy, grants, nothingToGrant };
}

/** What is said once already is not said again; a policy of Vault's under one name is one policy. */
function add(grant: StoreGrant, grants: StoreGrant[]): void {
  const index = grants.findIndex((other) => {
    const isSame = other.principal === grant.principal && other.title === grant.title;
    return isSame && (other.text === grant.text || grant.language === 'hcl');
  });
  const known = grants[index];
  if (known === undefined) {
    grants.push(grant);
    return;
  }
  const text = known.text === grant.text ? known.text : `${known.text}\n${grant.text}`;
  grants[index] = { ...grant, text, stores: [...known.stores, ...grant.stores] };
}

function withSharers(
  grant: StoreGrant,
  { reader }: ReaderPermissions,
  permissions: readonly ReaderPermissions[],
): StoreGrant {
  if (reader.kind !== 'ServiceAccount') return grant; // what credentials are behind a name is not known here
  const sharedWith = permissions
    .filter((other) => other.reader.kind === 'ServiceAccount' && other.reader !== reader)
    .filter(({ grants }) => grants.some(({ principal }) => principal === grant.principal))
    .map((other) => readerTitle(other.reader));
  return { ...grant, sharedWith };
}
