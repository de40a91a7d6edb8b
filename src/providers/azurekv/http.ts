import type { Readable } from 'node:stream';
import { Agent, request as sendRequest } from 'undici';
import { LatchkeyError } from '../../errors.ts';
import { noAnswer } from './no-answer.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back, whatever its status. */
export interface HttpAnswer {
  readonly host: string;
  readonly status: number;
  readonly retryAfterMs?: number;
  /** `WWW-Authenticate`, with which Key Vault says whom it would believe. */
  readonly challenge?: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface HttpLimits {
  readonly signal: AbortSignal;
  readonly maxResponseBytes: number;
}

/** Throws PROVIDER_TIMEOUT, PROVIDER_UNAVAILABLE or VALUE_TOO_LARGE where there is no answer. */
export type HttpSend = (request: HttpRequest, limits: HttpLimits) => Promise<HttpAnswer>;

const MAX_CONNECTIONS = 64; // to each host; stores bound their own concurrency below this
const KEEP_ALIVE_MS = 30_000;
const MAX_WAIT_MS = 30_000; // an admission never lasts longer, so neither does a wait inside one
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Kept connections that all stores and identities share: certificates always verified, redirects never followed, answers
 * bounded. What a connection carried says nothing about the next request, and idle ones close by themselves. `ca` stands in
 * for the system's authorities and NODE_EXTRA_CA_CERTS.
 */
export function createHttp({ ca }: { readonly ca?: string } = {}): HttpSend {
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: MAX_WAIT_MS,
    bodyTimeout: MAX_WAIT_MS,
    allowH2: false, // so that the bounds above count per request
    connect: {
      rejectUnauthorized: true, // said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 must not open what is closed
      timeout: MAX_WAIT_MS,
      ...(ca !== undefined && { ca }),
    },
  });

  return async ({ url, method, headers, body }, { signal, maxResponseBytes }) => {
    const { hostname: host } = new URL(url);
    try {
      const response = await sendRequest(url, { dispatcher: agent, method, headers, body: body ?? null, signal });
      const bytes = await readAll(response.body, maxResponseBytes, host);
      const { 'retry-after': wait, 'www-authenticate': challenge } = response.headers;
      const retryAfterMs = retryAfter(wait, Date.now());
      return {
        host,
        status: response.statusCode,
        body: bytes,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
        ...(typeof challenge === 'string' && { challenge }),
      };
    } catch (error) {
      throw error instanceof LatchkeyError ? error : noAnswer(error, host, signal);
    }
  };
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function readAll(body: Readable, maxBytes: number, host: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new LatchkeyError('VALUE_TOO_LARGE', `an answer of ${host} is larger than ${maxBytes} bytes`, {
        hint: 'Raise resolve.maxResponseBytes if the value is meant to be so large',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads seconds or an HTTP date. */
function retryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}
