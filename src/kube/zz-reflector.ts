import type { Log } from '../log.ts';
import { backoffMs, type Clock, systemClock } from './clock.ts';
import { type KubeClient, KubeError, METADATA_ONLY, METADATA_ONLY_LIST, type WatchEvent } from './client.ts';
import { isNotFound, kubeErrorFacts } from './kube-error.ts';
import { type KubeObject, objectKey, parseKubeObject } from './kube-object.ts';
import { listPages } from './zz-list-pages.ts';
import { isMapping } from '../fields.ts';

/** Told of every change, in order, synchronously. A relist repeats no object that did not change. */
export interface ReflectorHandler {
  onUpsert(object: KubeObject): void;
  onDelete(object: DeletedObject): void;
  /** After each complete list. */
  onSynced?(): void;
}

/** Of an object that went while nobody watched, no more than this is known. */
export interface DeletedObject {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly path: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
  readonly handler: ReflectorHandler;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface Reflector {
  /** Resolves after the first complete list; stays open if the reflector is stopped before. */
  readonly synced: Promise<void>;
  isSynced(): boolean;
  /** `clock.now()` of the last sign of life: the age of what is known. Bookmarks keep it under two minutes. */
  lastContactAt(): number;
  resourceVersion(): string;
  stop(): Promise<void>;
}

const BACKOFF = { firstMs: 200, maxMs: 30_000 };
/** A resource that is not served (its CRD is not installed yet) is asked for this often. */
const ABSENT_RETRY_MS = 30_000;
const WATCH_SECONDS = { min: 300, spread: 300 };
/** A watch that brought nothing but lasted this long was in order. */
const QUIET_WATCH_MS = 10_000;
/** After so many watches in a row that brought nothing, the resourceVersion itself may be what the server refuses. */
const FAILURES_BEFORE_RELIST = 5;

/** Keeps a handler in step with one collection: list, watch, and again, until stopped. */
export function startReflector(options: ReflectorOptions): Reflector {
  const { client, path, handler, log, clock = systemClock, random = Math.random } = options;
  const selectors = {
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
  const stopped = new AbortController();
  const first = Promise.withResolvers<void>();
  const known = new Map<string, DeletedObject & { readonly resourceVersion: string }>();
  let isSynced = false;
  let contactAt = clock.now();
  /** Where the next watch starts; empty means that a list comes first. */
  let version = '';
  let failures = 0;
  const loop = run();

  return {
    synced: first.promise,
    isSynced: () => isSynced,
    lastContactAt: () => contactAt,
    resourceVersion: () => version,
    async stop() {
      stopped.abort();
      await loop;
    },
  };

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      const pauseMs = await round();
      if (pauseMs > 0) await clock.sleep(pauseMs, stopped.signal);
    }
  }

  /** One list or one watch; says how long to wait before the next. */
  async function round(): Promise<number> {
    try {
      if (version === '') {
        await list();
        return 0;
      }
      await watch();
    } catch (error) {
      if (stopped.signal.aborted) return 0;
      if (isNotFound(error)) return absent();
      if (isExpired(error)) version = '';
      failures += 1;
      // A watch that breaks once is everyday life.
      const level = failures > 1 ? 'warn' : 'debug';
      log[level]({ path, failures, ...kubeErrorFacts(error) }, 'watch interrupted');
    }
    if (failures === 0) return 0;
    if (failures % FAILURES_BEFORE_RELIST === 0) version = '';
    return backoffMs(failures, BACKOFF, random);
  }

  async function list(): Promise<void> {
    const seen = new Set<string>();
    const accept = options.metadataOnly === true ? METADATA_ONLY_LIST : undefined;
    let listVersion = '';
    for await (const page of listPages(client, { path, selectors, accept, signal: stopped.signal })) {
      contactAt = clock.now();
      listVersion = page.resourceVersion;
      for (const object of page.items) {
        seen.add(objectKey(object.metadata.namespace, object.metadata.name));
        upsert(object);
      }
    }
    for (const [key, object] of known) if (!seen.has(key)) remove(key, object);
    version = listVersion;
    markSynced();
  }

  async function watch(): Promise<void> {
    const timeoutSeconds = String(WATCH_SECONDS.min + Math.floor(random() * WATCH_SECONDS.spread));
    const query = { ...selectors, resourceVersion: version, allowWatchBookmarks: 'true', timeoutSeconds };
    const accept = options.metadataOnly === true ? { accept: METADATA_ONLY } : {};
    const startedAt = clock.now();
    failures += 1;
    for await (const event of client.watch({ path, query, ...accept, signal: stopped.signal })) {
      onEvent(event);
      contactAt = clock.now();
      failures = 0;
    }
    // A server that ends every watch at once must not be asked in a tight loop.
    if (clock.now() - startedAt >= QUIET_WATCH_MS) failures = 0;
  }

  function onEvent(event: WatchEvent): void {
    if (event.type === 'ERROR') throw toError(event.object);
    if (event.type === 'BOOKMARK') {
      version = readVersion(event.object) ?? version;
      return;
    }
    const object = parseKubeObject(event.object);
    if (object === undefined)
      throw new KubeError(0, 'InvalidAnswer', `watch of ${path} sent an object without metadata`);
    if (event.type === 'DELETED') remove(objectKey(object.metadata.namespace, object.metadata.name), namesOf(object));
    else upsert(object);
    version = object.metadata.resourceVersion;
  }

  function upsert(object: KubeObject): void {
    const key = objectKey(object.metadata.namespace, object.metadata.name);
    const before = known.get(key);
    if (before?.uid === object.metadata.uid && before.resourceVersion === object.metadata.resourceVersion) return;
    // Deleted and made again between two lists: another object of the same name.
    if (before !== undefined && before.uid !== object.metadata.uid) remove(key, before);
    known.set(key, { ...namesOf(object), resourceVersion: object.metadata.resourceVersion });
    tell(() => handler.onUpsert(object));
  }

  function remove(key: string, object: DeletedObject): void {
    if (!known.delete(key)) return;
    tell(() => handler.onDelete({ namespace: object.namespace, name: object.name, uid: object.uid }));
  }

  /** Not served counts as empty: an optional CRD must not keep us from becoming ready. */
  function absent(): number {
    log.debug({ path }, 'resource is not served');
    contactAt = clock.now();
    version = '';
    failures = 0;
    for (const [key, object] of known) remove(key, object);
    markSynced();
    return ABSENT_RETRY_MS * (0.5 + random());
  }

  function markSynced(): void {
    isSynced = true;
    first.resolve();
    tell(() => handler.onSynced?.());
  }

  /** A handler's mistake with one object must not end the watch for all others. */
  function tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      log.error({ err: error, path }, 'watch handler failed');
    }
  }
}

function namesOf(object: KubeObject): DeletedObject {
  return { namespace: object.metadata.namespace, name: object.metadata.name, uid: object.metadata.uid };
}

function readVersion(object: unknown): string | undefined {
  const metadata = isMapping(object) ? object['metadata'] : undefined;
  const version = isMapping(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function toError(status: unknown): KubeError {
  const code = isMapping(status) && typeof status['code'] === 'number' ? status['code'] : 500;
  const reason = isMapping(status) && typeof status['reason'] === 'string' ? status['reason'] : 'Unknown';
  return new KubeError(code, reason, `the API server ended the watch with ${code}`);
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}
