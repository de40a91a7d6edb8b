import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Log } from '../log.ts';
import type { KubeClient } from './client.ts';
import { type Clock, systemClock, toMicroTime } from './clock.ts';
import { isNotFound, kubeErrorFacts } from './kube-error.ts';
import { apiPath, EVENTS } from './paths.ts';
import { mergePatch } from './server-side-apply.ts';

/** What happened to an object, for `kubectl describe`. */
export interface KubeEvent {
  readonly regarding: EventTarget;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines: `SecretFetchFailed`. */
  readonly reason: string;
  /** CamelCase, what we were doing: `Fill`. */
  readonly action: string;
  /** For people. No values: everybody who may read the namespace's Events sees it. Cut at 1 kB. */
  readonly message: string;
}

export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for a cluster-wide object; its Events live in `default`. */
  readonly namespace?: string;
  readonly uid: string;
}

export interface EventRecorder {
  /** Returns at once and never throws: an Event is a courtesy. */
  event(event: KubeEvent): void;
  /** Resolves when all that was accepted so far is sent or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly component: string;
  /** Which replica, the Pod's name for example. */
  readonly instance: string;
  readonly log: Log;
  readonly clock?: Clock;
}

const MAX_MESSAGE_BYTES = 1024;
const MAX_KNOWN = 1000;
const MAX_WAITING = 100;
/** The same thing within this time is counted on the first Event instead of becoming another. */
const AGGREGATE_MS = 10 * 60_000;
const RATE = { burst: 50, perSecond: 5 };
const SEND_TIMEOUT_MS = 10_000;

interface KnownEvent {
  readonly path: string;
  readonly at: number;
  count: number;
}

/** Sends events.k8s.io/v1 Events one after another, aggregated, at a bounded rate; what is too much is dropped. */
export function createEventRecorder(client: KubeClient, options: EventRecorderOptions): EventRecorder {
  const { component, instance, log, clock = systemClock } = options;
  const known = new LRUCache<string, KnownEvent>({ max: MAX_KNOWN });
  const takeToken = createTokenBucket(clock);
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  return {
    event(event) {
      if (waiting >= MAX_WAITING || !takeToken()) {
        log.debug({ reason: event.reason }, 'event dropped');
        return;
      }
      waiting += 1;
      // One at a time: a repetition has to find the first one's name.
      last = last.then(() => record(event));
    },

    flush() {
      return last;
    },
  };

  async function record(event: KubeEvent): Promise<void> {
    const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
    try {
      if (!(await repeat(event, signal))) await create(event, signal);
    } catch (error) {
      log.warn({ reason: event.reason, answer: kubeErrorFacts(error) }, 'event not recorded');
    } finally {
      waiting -= 1;
    }
  }

  async function repeat(event: KubeEvent, signal: AbortSignal): Promise<boolean> {
    const earlier = known.get(keyOf(event));
    if (earlier === undefined || clock.now() - earlier.at >= AGGREGATE_MS) return false;
    earlier.count += 1;
    const series = { count: earlier.count, lastObservedTime: toMicroTime(clock.date()) };
    try {
      await mergePatch(client, earlier.path, { series }, { signal });
      return true;
    } catch (error) {
      // Events expire by themselves, after an hour unless configured otherwise.
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async function create(event: KubeEvent, signal: AbortSignal): Promise<void> {
    const { regarding, type, reason, action } = event;
    const namespace = regarding.namespace ?? 'default';
    const name = `${regarding.name.slice(0, 200)}.${randomBytes(8).toString('hex')}`;
    await client.request({
      method: 'POST',
      path: apiPath(EVENTS, { namespace }),
      body: {
        apiVersion: EVENTS.apiVersion,
        kind: 'Event',
        metadata: { name, namespace },
        eventTime: toMicroTime(clock.date()),
        reportingController: component,
        reportingInstance: instance.slice(0, 128),
        regarding,
        type,
        reason,
        action,
        note: cutToBytes(event.message, MAX_MESSAGE_BYTES),
      },
      signal,
    });
    known.set(keyOf(event), { path: apiPath(EVENTS, { namespace, name }), at: clock.now(), count: 1 });
  }
}

function keyOf({ regarding, type, reason, message }: KubeEvent): string {
  return JSON.stringify([regarding.kind, regarding.namespace, regarding.name, regarding.uid, type, reason, message]);
}

function createTokenBucket(clock: Clock): () => boolean {
  let tokens = RATE.burst;
  let at = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(RATE.burst, tokens + ((now - at) / 1000) * RATE.perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

function cutToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  const ellipsis = '…';
  const kept = bytes.subarray(0, maxBytes - Buffer.byteLength(ellipsis)).toString('utf8');
  // A character cut in two decodes to U+FFFD.
  return `${kept.replace(/\uFFFD$/, '')}${ellipsis}`;
}
