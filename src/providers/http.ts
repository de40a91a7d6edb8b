import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request as sendRequest } from 'undici';
import { LatchkeyError } from '../errors.ts';
import { noAnswer, type Peer, titleOf } from './no-answer.ts';

/** PEM text; absent parts fall back to the system's authorities and to no client certificate. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must be for, where it is not the host's. */
  readonly servername?: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs?: number;
  readonly body: Uint8Array;
}

/** Throws PROVIDER_TIMEOUT, PROVIDER_UNAVAILABLE or VALUE_TOO_LARGE where there is no answer. */
export type HttpSend = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

export interface Http {
  readonly send: HttpSend;
  close(): Promise<void>;
}

export interface HttpSettings {
  readonly peer: Peer;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
  /** Looks host names up in place of the system; its LatchkeyError is passed on. */
  readonly lookup?: LookupFunction;
}

const MAX_CONNECTIONS = 16; // the resolver's default concurrency for one store
const KEEP_ALIVE_MS = 30_000;
const MAX_WAIT_MS = 30_000; // an admission never lasts longer, so neither does a wait inside one
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Kept connections of one client: certificates always verified, redirects never followed, answers bounded. */
export function createHttp({ peer, tls, maxResponseBytes, lookup }: HttpSettings): Http {
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: MAX_WAIT_MS,
    bodyTimeout: MAX_WAIT_MS,
    allowH2: false, // so that the bounds above count per request
    // Said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 must not open what a store closed.
    connect: { ...tls, ...(lookup !== undefined && { lookup }), rejectUnauthorized: true, timeout: MAX_WAIT_MS },
  });

  return {
    async send({ url, method, headers, body }, signal) {
      try {
        const response = await sendRequest(url, { dispatcher: agent, method, headers, body: body ?? null, signal });
        const bytes = await readAll(response.body, maxResponseBytes, peer);
        const retryAfterMs = retryAfter(response.headers['retry-after'], Date.now());
        return { status: response.statusCode, body: bytes, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      } catch (error) {
        throw error instanceof LatchkeyError ? error : noAnswer(error, peer, signal);
      }
    },
    // Not a graceful close: the session is over, and a hanging request must not hold it open.
    async close() {
      await agent.destroy();
    },
  };
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function readAll(body: Readable, maxBytes: number, peer: Peer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new LatchkeyError('VALUE_TOO_LARGE', `an answer of ${titleOf(peer)} is larger than ${maxBytes} bytes`, {
        hint: 'Split the secret, or raise resolve.maxResponseBytes',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads seconds or an HTTP date. */
export function retryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}
