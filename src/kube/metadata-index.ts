import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { LatchkeyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createSingleFlight, orAborted } from '../single-flight.ts';
import { type KubeClient, METADATA_ONLY } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { isNotFound } from './kube-error.ts';
import { type ObjectMeta, objectKey, parseKubeObject } from './kube-object.ts';
import { createObjectCache } from './object-cache.ts';
import { apiPath, type Resource } from './paths.ts';
import { startReflector } from './reflector.ts';

/** What is kept of the metadata of every object of a kind, in memory. */
export interface MetadataIndex<T> extends Watched {
  /** As the watch has brought it. */
  get(namespace: string | undefined, name: string): T | undefined;
  /** Everything that the watch has brought. */
  values(): Iterable<T>;
  /** The listener hears of each object that came, changed or went. Returns how to stop that. */
  onChange(listener: ChangeListener): () => void;
  /**
   * Asks the API server itself, for an object so new that the watch may not have brought it. Answers, also that there is
   * none, are repeated for a second. Throws BUSY or CLUSTER_UNAVAILABLE.
   */
  fetch(namespace: string | undefined, name: string, signal: AbortSignal): Promise<T | undefined>;
}

export type ChangeListener = (namespace: string | undefined, name: string) => void;

/** Something that watches keep in step with the cluster, from its creation until it is stopped. */
export interface Watched {
  /** Resolves when everything has been listed once. */
  readonly synced: Promise<void>;
  isSynced(): boolean;
  /** `clock.now()` of the last sign of life. */
  lastContactAt(): number;
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly client: KubeClient;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface MetadataIndexOptions<T> extends WatchOptions {
  readonly resource: Resource;
  /** For messages: `ServiceAccount`. */
  readonly kind: string;
  readonly toFacts: (metadata: ObjectMeta, annotations: Readonly<Record<string, string>>) => T;
}

interface Answer<T> {
  readonly facts: T | undefined;
  readonly at: number;
}

const ANSWER_TTL_MS = 1000; // what is asked for in a row is asked once; what is created shows up soon
const MAX_ANSWERS = 1000;
const MAX_REQUESTS = 8;
const MAX_WAITING = 256; // names that nobody created yet: more at a time is a flood
const REQUEST_TIMEOUT_MS = 5000;
/** What `kubectl apply` leaves behind: a copy of the whole object, larger than all the rest. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function createMetadataIndex<T>(options: MetadataIndexOptions<T>): MetadataIndex<T> {
  const { client, resource, kind, clock = systemClock } = options;
  const listeners = new Set<ChangeListener>();
  const cache = createObjectCache({
    transform: ({ metadata }) => factsOf(metadata),
    onChange(namespace, name) {
      for (const listener of listeners) listener(namespace, name);
    },
  });
  const reflector = startReflector({ ...options, path: apiPath(resource), metadataOnly: true, handler: cache });
  const answers = new LRUCache<string, Answer<T>>({ max: MAX_ANSWERS });
  const requests = createSingleFlight<T | undefined>();
  const limit = pLimit(MAX_REQUESTS);

  return {
    get: (namespace, name) => cache.get(namespace, name),
    values: () => cache.values(),

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async fetch(namespace, name, signal) {
      const key = objectKey(namespace, name);
      const answer = answers.get(key);
      if (answer !== undefined && clock.now() - answer.at < ANSWER_TTL_MS) return answer.facts;

      const request = requests.join(key, async () => {
        if (limit.pendingCount >= MAX_WAITING) throw busy();
        const facts = await limit(() => read(namespace, name));
        answers.set(key, { facts, at: clock.now() });
        return facts;
      });
      return orAborted(request, signal, () => unanswered(name, undefined));
    },

    synced: reflector.synced,
    isSynced: () => reflector.isSynced(),
    lastContactAt: () => reflector.lastContactAt(),
    stop: () => reflector.stop(),
  };

  async function read(namespace: string | undefined, name: string): Promise<T | undefined> {
    const answer = await requestMetadata(namespace, name);
    if (answer === undefined) return undefined;
    const object = parseKubeObject(answer);
    if (object === undefined) throw unanswered(name, undefined);
    return factsOf(object.metadata);
  }

  /** `undefined` where there is no such object. */
  async function requestMetadata(namespace: string | undefined, name: string): Promise<unknown> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const path = apiPath(resource, { namespace, name });
      return await client.request({ method: 'GET', path, accept: METADATA_ONLY, signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw unanswered(name, error);
    }
  }

  function factsOf(metadata: ObjectMeta): T {
    const { [LAST_APPLIED]: _copy, ...annotations } = metadata.annotations ?? {};
    return options.toFacts(metadata, annotations);
  }

  function unanswered(name: string, cause: unknown): LatchkeyError {
    return new LatchkeyError('CLUSTER_UNAVAILABLE', `the API server did not answer about ${kind} "${name}"`, {
      hint: 'The Pod is retried by its controller; a bare Pod must be applied again',
      cause,
    });
  }

  function busy(): LatchkeyError {
    return new LatchkeyError('BUSY', `the API server is asked about ${MAX_WAITING} unknown ${kind}s already`, {
      hint: 'The Pod is retried by its controller; a bare Pod must be applied again',
    });
  }
}
