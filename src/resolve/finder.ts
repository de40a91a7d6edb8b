import { LatchkeyError } from '../errors.ts';
import type { FindQuery, Found } from '../providers/provider.ts';
import { createSingleFlight } from '../single-flight.ts';
import type { ClientCache, Lease } from './client-cache.ts';
import type { Session } from './session.ts';
import type { StoreCalls } from './store-calls.ts';

/** Searches stores. Equal searches of one session that run at once are one; the next one asks again. */
export interface Finder {
  /** Throws REF_INVALID where the provider cannot search, else what its `find` throws. */
  find(session: Session, query: FindQuery): Promise<readonly Found[]>;
}

export interface FinderOptions {
  readonly clients: ClientCache;
  readonly calls: StoreCalls;
}

export function createFinder({ clients, calls }: FinderOptions): Finder {
  const searches = createSingleFlight<readonly Found[]>();

  return {
    find(session, query) {
      return searches.join(keyOf(session, query), () => search(session, query));
    },
  };

  async function search(session: Session, query: FindQuery): Promise<readonly Found[]> {
    const lease = await clients.acquire(session);
    try {
      return await attempt(session, lease, query);
    } catch (thrown) {
      const renewed = await renew(session, lease, LatchkeyError.from(thrown));
      if (renewed === undefined) throw thrown;
      try {
        return await attempt(session, renewed, query);
      } finally {
        renewed.release();
      }
    } finally {
      lease.release();
    }
  }

  async function attempt(session: Session, { client }: Lease, query: FindQuery): Promise<readonly Found[]> {
    return calls.run(session, async (call) => {
      const found = await client.find?.(query, call);
      if (found === undefined) throw cannotFind(session);
      return found;
    });
  }

  /** Rights may have been granted, or the cached credential revoked, since the login. An outage meanwhile softens no refusal. */
  async function renew(session: Session, lease: Lease, { code }: LatchkeyError): Promise<Lease | undefined> {
    if (!lease.isCached || (code !== 'ACCESS_DENIED' && code !== 'IDENTITY_REJECTED')) return undefined;
    try {
      return await clients.renew(session, lease);
    } catch {
      return undefined;
    }
  }
}

function keyOf({ scope }: Session, { path, name, tags = {} }: FindQuery): string {
  const sorted = Object.entries(tags).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${scope}\n${JSON.stringify([path, name?.regexp, sorted])}`;
}

function cannotFind({ provider }: Session): LatchkeyError {
  return new LatchkeyError('REF_INVALID', `the provider ${provider} cannot search`, {
    hint: 'Name each secret with extract or data instead of find',
  });
}
