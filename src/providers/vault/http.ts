import type { Readable } from 'node:stream';
import { Agent, request as sendRequest } from 'undici';
import { LatchkeyError } from '../../errors.ts';
import { parseJson } from './json.ts';
import { noAnswer } from './no-answer.ts';

/** PEM text; absent parts fall back to the system's authorities and to no client certificate. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpRequest {
  readonly uri: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs?: number;
  /** Parsed, numbers as JsonNumber; undefined where the body is no JSON. */
  readonly body: unknown;
}

export type HttpSend = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

export interface HttpSettings {
  readonly host: string;
  readonly tls: TlsSettings;
  readonly maxResponseBytes: number;
}

const MAX_CONNECTIONS = 16; // the resolver's default concurrency for one store
const KEEP_ALIVE_MS = 30_000;
const MAX_WAIT_MS = 30_000; // an admission never lasts longer, so neither does a wait inside one
const MAX_RETRY_AFTER_MS = 3_600_000;

/** A pool of kept connections to one Vault: certificates always verified, redirects never followed, answers bounded. */
export function createHttp({ host, tls, maxResponseBytes }: HttpSettings): { send: HttpSend; close(): Promise<void> } {
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: MAX_WAIT_MS,
    bodyTimeout: MAX_WAIT_MS,
    allowH2: false, // so that the bounds above count per request
    // Said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 must not open what a store closed.
    connect: { ...tls, rejectUnauthorized: true, timeout: MAX_WAIT_MS },
  });

  return {
    async send({ uri, method, headers, payload }, signal) {
      try {
        const response = await sendRequest(uri, {
          dispatcher: agent,
          method,
          headers: payload === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
          body: payload ?? null,
          signal,
        });
        const text = await readText(response.body, maxResponseBytes, host);
        const retryAfterMs = retryAfter(response.headers['retry-after'], Date.now());
        return {
          status: response.statusCode,
          body: jsonOrNothing(text),
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        };
      } catch (error) {
        throw error instanceof LatchkeyError ? error : noAnswer(error, host, signal);
      }
    },
    // Not a graceful close: the session is over, and a hanging request must not hold it open.
    async close() {
      await agent.destroy();
    },
  };
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function readText(body: Readable, maxBytes: number, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new LatchkeyError('VALUE_TOO_LARGE', `an answer of Vault at ${host} is larger than ${maxBytes} bytes`, {
        hint: 'Split the secret, or raise resolve.maxResponseBytes',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOrNothing(text: string): unknown {
  try {
    return text === '' ? undefined : parseJson(text);
  } catch {
    return undefined;
  }
}

/** Reads seconds or an HTTP date. */
export function retryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}
