import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LatchkeyError } from '../../errors.ts';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Options = Parameters<NodeHttpHandler['handle']>[1];
type Handled = Awaited<ReturnType<NodeHttpHandler['handle']>>;

/** What clients of the SDK send with. */
export type RequestHandler = Pick<
  NodeHttpHandler,
  'handle' | 'metadata' | 'updateHttpClientConfig' | 'httpHandlerConfigs' | 'destroy'
>;

export interface HandlerSettings {
  readonly host: string;
  readonly maxResponseBytes: number;
  /** For callers in the SDK that take no signal: the credential providers. */
  readonly signal?: AbortSignal;
}

/** Connections that all stores and identities share; what a connection carried says nothing about the next request. */
export interface Pool {
  /** A view of the pool for one client: answers are bounded, and destroying the client leaves the pool alone. */
  handler(settings: HandlerSettings): RequestHandler;
}

const MAX_SOCKETS = 128; // for each host; stores bound their own concurrency below this
const IDLE_MS = 20_000; // AWS closes idle connections somewhat later

export function createPool(): Pool {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS };
  const shared = new NodeHttpHandler({
    httpAgent: new HttpAgent(options),
    // Said outright: NODE_TLS_REJECT_UNAUTHORIZED=0 must not open what is closed.
    httpsAgent: new HttpsAgent({ ...options, rejectUnauthorized: true }),
    socketAcquisitionWarningTimeout: 60_000, // beyond every deadline: it prints to the console
  });

  return {
    handler: ({ host, maxResponseBytes, signal }) => ({
      metadata: shared.metadata,
      httpHandlerConfigs: () => shared.httpHandlerConfigs(),
      updateHttpClientConfig: () => undefined,
      destroy: () => undefined,
      async handle(request: Request, given: Options = {}): Promise<Handled> {
        const abortSignal = given.abortSignal ?? signal;
        const { response } = await shared.handle(request, abortSignal === undefined ? {} : { abortSignal });
        const body: unknown = response.body;
        response.body = body instanceof Readable ? await readAll(body, maxResponseBytes, host) : new Uint8Array();
        return { response };
      },
    }),
  };
}

/** Leaving the loop early destroys the stream, and with it the connection. */
async function readAll(body: Readable, maxBytes: number, host: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new LatchkeyError('VALUE_TOO_LARGE', `an answer of AWS at ${host} is larger than ${maxBytes} bytes`, {
        hint: 'Read fewer secrets at once, or raise resolve.maxResponseBytes',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
