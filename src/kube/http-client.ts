import { Agent, type Dispatcher, errors, request as send } from 'undici';
import { KubeError, type KubeClient, type KubeRequest, type KubeWatch, type WatchEvent } from './client.ts';
import { LatchkeyError } from '../errors.ts';
import { fromStatus } from './kube-error.ts';
import type { ClusterAccess } from './load-kube-config.ts';
import { parseJson, parseWatchEvent, readLines } from './watch-lines.ts';

const MEBIBYTE = 1024 * 1024;
const MAX_STATUS_BYTES = 64 * 1024;
/** An object may have 1.5 MiB in etcd; its JSON, with managedFields, stays well below this. */
const MAX_EVENT_BYTES = 16 * MEBIBYTE;
/** Below the 90 s after which the API server closes an idle connection, so that we are the one who closes. */
const KEEP_ALIVE_MS = 60_000;
/** Bookmarks come about once a minute: a watch that is silent for longer hangs on a connection that is gone. */
const WATCH_SILENCE_MS = 150_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 30_000;

export interface KubeClientOptions {
  readonly maxConnections?: number;
  readonly requestTimeoutMs?: number;
  readonly maxResponseBytes?: number;
  readonly userAgent?: string;
}

export interface HttpKubeClient extends KubeClient {
  /** Ends all connections, open watches included. */
  close(): Promise<void>;
}

/**
 * Speaks to one API server over HTTP/1.1. Requests share a bounded pool; each watch holds a connection of its own outside
 * of it, because watches in the pool would leave nothing for requests.
 */
export function createKubeClient(access: ClusterAccess, options: KubeClientOptions = {}): HttpKubeClient {
  const { maxConnections = 16, requestTimeoutMs = 30_000, maxResponseBytes = 64 * MEBIBYTE } = options;
  const connect = { ...access.tls, timeout: CONNECT_TIMEOUT_MS, keepAliveInitialDelay: 30_000 };
  const pool = new Agent({ connect, connections: maxConnections, keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false });
  const watches = new Agent({ connect, keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false });

  return {
    async request(request) {
      const deadline = AbortSignal.timeout(requestTimeoutMs);
      const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
      try {
        return await retryOnce(request, signal, () => exchange(request, signal));
      } catch (error) {
        request.signal?.throwIfAborted();
        throw toKubeError(error, `${request.method} ${request.path}`);
      }
    },

    async *watch(watch) {
      try {
        yield* stream(watch);
      } catch (error) {
        watch.signal.throwIfAborted();
        throw toKubeError(error, `watch of ${watch.path}`);
      }
    },

    async close() {
      await Promise.all([pool.destroy(), watches.destroy()]);
    },
  };

  async function exchange(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const type = body === null ? {} : { 'content-type': request.contentType ?? 'application/json' };
    const response = await send(address(request), {
      dispatcher: pool,
      method: request.method,
      headers: { ...(await headers(request.accept)), ...type },
      body,
      signal,
    });
    if (response.statusCode >= 400) throw await refusal(response, `${request.method} ${request.path}`);
    const text = await readText(response.body, maxResponseBytes);
    return text === '' ? undefined : parseJson(text);
  }

  async function* stream(watch: KubeWatch): AsyncIterable<WatchEvent> {
    const response = await send(address({ path: watch.path, query: { ...watch.query, watch: '1' } }), {
      dispatcher: watches,
      method: 'GET',
      headers: await headers(watch.accept),
      signal: watch.signal,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: WATCH_SILENCE_MS,
    });
    if (response.statusCode >= 400) throw await refusal(response, `watch of ${watch.path}`);
    for await (const line of readLines(response.body, MAX_EVENT_BYTES)) yield parseWatchEvent(line);
  }

  function address(request: Pick<KubeRequest, 'path' | 'query'>): URL {
    const url = new URL(access.server + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    return url;
  }

  async function headers(accept = 'application/json'): Promise<Record<string, string>> {
    const authorization = await access.authHeader();
    return {
      accept,
      'user-agent': options.userAgent ?? 'latchkey',
      ...(authorization === undefined ? {} : { authorization }),
    };
  }
}

/** A pooled connection may have been closed by the other side just now; what can be sent twice is sent once more. */
async function retryOnce<T>(request: KubeRequest, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const isLost =
      error instanceof errors.SocketError || (error instanceof Error && 'code' in error && error.code === 'ECONNRESET');
    if (!isLost || signal.aborted || !isRepeatable(request)) throw error;
    return attempt();
  }
}

function isRepeatable(request: KubeRequest): boolean {
  return request.method === 'GET' || request.contentType === 'application/apply-patch+yaml';
}

async function refusal(response: Dispatcher.ResponseData, request: string): Promise<KubeError> {
  const seconds = Number(response.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  const status = await readText(response.body, MAX_STATUS_BYTES)
    .then(parseJson)
    .catch(() => undefined);
  return fromStatus(request, response.statusCode, status, retryAfterMs);
}

async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > maxBytes) throw new KubeError(0, 'TooLarge', `the API server answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toKubeError(error: unknown, request: string): unknown {
  if (error instanceof KubeError || error instanceof LatchkeyError || !(error instanceof Error)) return error;
  const isTimeout = error.name === 'TimeoutError' || /Timeout/.test(error.name);
  return isTimeout
    ? new KubeError(0, 'Timeout', `${request} was not answered in time`)
    : new KubeError(0, 'Unavailable', `${request} found no API server`);
}
