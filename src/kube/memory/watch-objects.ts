import { KubeError, type KubeWatch, type WatchEvent } from '../client.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Change, ObjectStore } from './object-store.ts';
import type { RequestTarget } from './request-target.ts';
import { parseSelectors } from './selectors.ts';

export interface WatchHub {
  watch(target: RequestTarget, watch: KubeWatch): AsyncIterable<WatchEvent>;
  /** Sends a bookmark to every watch that asked for them. */
  bookmark(): void;
  /** Breaks every open watch as a lost connection would. */
  disconnect(): void;
}

interface OpenWatch {
  readonly queue: WatchEvent[];
  wake(): void;
  wantsBookmarks: boolean;
  isLost: boolean;
}

/** The watching half of an API server. Objects leave in the stored version; the caller converts. */
export function createWatchHub(store: ObjectStore): WatchHub {
  const open = new Set<OpenWatch>();

  return {
    async *watch(target, { query, signal }) {
      const select = parseSelectors(query);
      const since = query['resourceVersion'] ?? '';
      const missed = since === '' || since === '0' ? initialChanges(target) : store.changesSince(Number(since));
      if (missed === undefined) {
        yield { type: 'ERROR', object: EXPIRED };
        return;
      }
      const one: OpenWatch = {
        queue: [],
        wake: () => {},
        wantsBookmarks: query['allowWatchBookmarks'] === 'true',
        isLost: false,
      };
      const unsubscribe = store.subscribe(deliver);
      open.add(one);
      for (const change of missed) deliver(change);
      const timeout = AbortSignal.timeout(Number(query['timeoutSeconds'] ?? 1800) * 1000);
      const ends = AbortSignal.any([signal, timeout]);
      ends.addEventListener('abort', () => one.wake(), { once: true });
      try {
        while (true) {
          yield* one.queue.splice(0);
          signal.throwIfAborted();
          if (one.isLost) throw new KubeError(0, 'Unavailable', 'the connection was lost');
          if (timeout.aborted) break;
          if (one.queue.length === 0) await nextWake(one);
        }
        if (one.wantsBookmarks) yield bookmarkOf(target);
      } finally {
        unsubscribe();
        open.delete(one);
      }

      function deliver(change: Change): void {
        const event = eventOf(change, target, select);
        if (event === undefined) return;
        one.queue.push(event);
        one.wake();
      }
    },

    bookmark() {
      for (const one of open) {
        if (!one.wantsBookmarks) continue;
        one.queue.push(bookmarkOf(undefined));
        one.wake();
      }
    },

    disconnect() {
      for (const one of open) {
        one.isLost = true;
        one.wake();
      }
    },
  };

  function initialChanges({ resource, namespace }: RequestTarget): readonly Change[] {
    return store
      .list(resource, namespace)
      .map((object) => ({ version: 0, resource, before: undefined, after: object, last: object }));
  }

  function bookmarkOf(target: RequestTarget | undefined): WatchEvent {
    const kind = target === undefined ? {} : { kind: target.resource.kind };
    return { type: 'BOOKMARK', object: { ...kind, metadata: { resourceVersion: String(store.version()) } } };
  }
}

const EXPIRED = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Expired',
  code: 410,
  message: 'too old resource version',
};

/** What a change looks like through a selector: an object that stops matching is deleted for those who watch. */
function eventOf(
  { resource, before, after, last }: Change,
  target: RequestTarget,
  select: (object: KubeObject) => boolean,
): WatchEvent | undefined {
  if (resource !== target.resource) return undefined;
  if (target.namespace !== undefined && last.metadata.namespace !== target.namespace) return undefined;
  if (target.name !== undefined && last.metadata.name !== target.name) return undefined;
  const was = before !== undefined && select(before);
  const is = after !== undefined && select(after);
  if (!was && !is) return undefined;
  if (!is) return { type: 'DELETED', object: last };
  return { type: was ? 'MODIFIED' : 'ADDED', object: last };
}

function nextWake(one: OpenWatch): Promise<void> {
  return new Promise((resolve) => {
    one.wake = resolve;
  });
}
