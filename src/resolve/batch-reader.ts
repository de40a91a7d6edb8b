import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';
import type { Batch, Fetched, Outcome, RemoteRef, SecretsClient } from '../providers/provider.ts';
import type { ClientCache, Lease } from './client-cache.ts';
import type { Session } from './session.ts';
import type { StoreCalls } from './store-calls.ts';
import type { RemoteSecret } from './value-cache.ts';

/** Reads remote secrets. What is asked of one session in the same turn, by any number of Pods, goes in batches where the provider has them. */
export interface BatchReader {
  read(session: Session, ref: RemoteRef): Promise<RemoteSecret>;
}

export interface BatchReaderOptions {
  readonly clients: ClientCache;
  readonly calls: StoreCalls;
  readonly clock: Clock;
}

interface Wanted {
  readonly ref: RemoteRef;
  readonly resolve: (secret: RemoteSecret) => void;
  readonly reject: (error: LatchkeyError) => void;
}

const MAX_REMEMBERED = 1000;
const BATCH_REFUSED_MS = 10 * 60_000; // asking again each time would double the calls of an identity that may only read one by one

export function createBatchReader({ clients, calls, clock }: BatchReaderOptions): BatchReader {
  const waiting = new Map<string, Wanted[]>();
  const batchRefusedAtMs = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  return {
    read(session, ref) {
      return new Promise((resolve, reject) => {
        const wanted = { ref, resolve, reject };
        const queue = waiting.get(session.scope);
        if (queue !== undefined) {
          queue.push(wanted);
          return;
        }
        waiting.set(session.scope, [wanted]);
        queueMicrotask(() => void flush(session));
      });
    },
  };

  async function flush(session: Session): Promise<void> {
    const wanted = waiting.get(session.scope) ?? [];
    waiting.delete(session.scope);
    try {
      const lease = await clients.acquire(session);
      try {
        await readAll(session, lease, wanted);
      } finally {
        lease.release();
      }
    } catch (thrown) {
      for (const item of wanted) item.reject(LatchkeyError.from(thrown));
    }
  }

  async function readAll(session: Session, lease: Lease, wanted: readonly Wanted[]): Promise<void> {
    const { batch } = lease.client;
    if (batch === undefined || wanted.length === 1 || refusesBatches(session)) {
      await Promise.all(wanted.map((item) => readOne(session, lease, item)));
      return;
    }
    const { accepted = [], single = [] } = Object.groupBy(wanted, ({ ref }) =>
      batch.accepts(ref) ? 'accepted' : 'single',
    );
    await Promise.all([
      ...single.map((item) => readOne(session, lease, item)),
      ...chunks(accepted, batch.max).map((chunk) => readChunk(session, lease, batch, chunk)),
    ]);
  }

  async function readChunk(session: Session, lease: Lease, batch: Batch, chunk: readonly Wanted[]): Promise<void> {
    const outcomes = await readBatch(session, batch, chunk);
    await Promise.all(chunk.map((item, index) => finish(session, lease, item, outcomes[index])));
  }

  async function finish(session: Session, lease: Lease, item: Wanted, outcome?: Outcome<Fetched>): Promise<void> {
    // With a cached client a rejected item is read alone, where the client gets its second chance.
    const isDoubtful = outcome === undefined || (isRejection(outcome) && lease.isCached);
    if (isDoubtful) await readOne(session, lease, item);
    else settle(item, outcome, lease.client);
  }

  /** No outcomes where the call as a whole was refused: the remote secrets are then read one by one. */
  async function readBatch(
    session: Session,
    batch: Batch,
    chunk: readonly Wanted[],
  ): Promise<readonly Outcome<Fetched>[]> {
    try {
      const refs = chunk.map(({ ref }) => ref);
      const outcomes = await calls.run(session, (call) => batch.read(refs, call));
      return outcomes.map((outcome) => (outcome.ok ? outcome : { ok: false, error: outcome.error.at(session.title) }));
    } catch (thrown) {
      const error = LatchkeyError.from(thrown);
      if (error.fault === 'transient') return chunk.map(() => ({ ok: false, error }));
      if (error.code === 'ACCESS_DENIED') batchRefusedAtMs.set(session.scope, clock.now());
      return [];
    }
  }

  async function readOne(session: Session, lease: Lease, item: Wanted): Promise<void> {
    const first = await attempt(session, lease.client, item.ref);
    if (!isRejection(first) || !lease.isCached) {
      settle(item, first, lease.client);
      return;
    }
    // Rights may have been granted, or the cached credential revoked, since the login.
    const renewed = await renew(session, lease);
    if (renewed === undefined) {
      settle(item, first, lease.client);
      return;
    }
    settle(item, await attempt(session, renewed.client, item.ref), renewed.client);
    renewed.release();
  }

  async function renew(session: Session, lease: Lease): Promise<Lease | undefined> {
    try {
      return await clients.renew(session, lease);
    } catch {
      return undefined; // the rejection stands: an outage meanwhile must not soften it
    }
  }

  async function attempt(session: Session, client: SecretsClient, ref: RemoteRef): Promise<Outcome<Fetched>> {
    try {
      return { ok: true, value: await calls.run(session, (call) => client.read(ref, call)) };
    } catch (thrown) {
      return { ok: false, error: LatchkeyError.from(thrown) };
    }
  }

  function refusesBatches({ scope }: Session): boolean {
    const atMs = batchRefusedAtMs.get(scope);
    return atMs !== undefined && clock.now() - atMs < BATCH_REFUSED_MS;
  }
}

function settle(item: Wanted, outcome: Outcome<Fetched>, client: SecretsClient): void {
  if (!outcome.ok) {
    item.reject(outcome.error);
    return;
  }
  const { value, expiresAt } = outcome.value;
  item.resolve({
    value,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(client.toMap !== undefined && { toMap: (text) => client.toMap?.(text) ?? new Map() }),
  });
}

function isRejection(outcome: Outcome<Fetched>): boolean {
  return !outcome.ok && (outcome.error.code === 'ACCESS_DENIED' || outcome.error.code === 'IDENTITY_REJECTED');
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
