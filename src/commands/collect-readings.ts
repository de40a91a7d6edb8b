import type { Read } from '../externalsecrets/reads-of.ts';
import { LatchkeyError } from '../errors.ts';
import type { Asked, FindQuery, RemoteRef } from '../providers/provider.ts';
import { type Asker, type FoundReading, findReading, readerTitle, storeTitle } from './find-reading.ts';
import type { Offline } from './offline.ts';

/** What one reader reads through one store. */
export interface Reading extends FoundReading {
  readonly asked: Asked;
  /** Workloads and ExternalSecrets for which it is read. */
  readonly usedBy: readonly string[];
}

export interface ReadingCollector {
  /** Throws what is missing for that read. */
  take(read: Read, asker: Asker): void;
  readings(): readonly Reading[];
}

interface Collected {
  readonly found: FoundReading;
  readonly refs: Map<string, RemoteRef>;
  readonly finds: Map<string, FindQuery>;
  readonly usedBy: Set<string>;
}

/** Sorts reads by who reads through which store. */
export function collectReadings(offline: Offline, issuer: string): ReadingCollector {
  const collected = new Map<string, Collected>();

  return {
    take(read, asker) {
      const found = findReading(read.store, asker, offline);
      checkAlone(read, found, issuer);

      const id = `${storeTitle(found.store)} ${readerTitle(found.reader)}`;
      const reading = collected.get(id) ?? { found, refs: new Map(), finds: new Map(), usedBy: new Set() };
      collected.set(id, reading);
      if ('ref' in read) reading.refs.set(JSON.stringify(read.ref), read.ref);
      else reading.finds.set(JSON.stringify(read.find), read.find);
      reading.usedBy.add(asker.title);
    },

    readings: () =>
      [...collected.values()].map(({ found, refs, finds, usedBy }) => ({
        ...found,
        asked: { refs: [...refs.values()], finds: [...finds.values()] },
        usedBy: [...usedBy],
      })),
  };
}

/** A read of nothing that the provider could hold must not stand in the way of the others. */
function checkAlone(read: Read, { store, configured, serviceAccount }: FoundReading, issuer: string): void {
  const asked: Asked = 'ref' in read ? { refs: [read.ref], finds: [] } : { refs: [], finds: [read.find] };
  try {
    configured.grants?.(asked, { ...(serviceAccount && { serviceAccount }), issuer });
  } catch (error) {
    throw LatchkeyError.from(error).at(`store "${store.name}"`);
  }
}
