import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProviderRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Over which it came; a TLSSocket where the server speaks https. */
  readonly socket: Socket;
}

export interface ProviderAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when text or bytes, else as JSON; nothing when absent. */
  readonly body?: unknown;
}

export interface ProviderServer {
  readonly url: string;
  readonly requests: readonly ProviderRequest[];
  /** Open connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** Answers the next request, and all after it, with this instead; undefined ends it. */
  interrupt(answer: ProviderAnswer | ((request: ProviderRequest) => ProviderAnswer) | undefined): void;
  /** Leaves the next request without an answer; resolves when it is there. */
  stall(): Promise<void>;
  /** Takes that much longer for each answer from now on. */
  slowDown(ms: number): void;
  /** Breaks what is open and refuses connections until `comeBack`. */
  goDown(): Promise<void>;
  /** On the same port. */
  comeBack(): Promise<void>;
  /** Shows another certificate from now on, and breaks what is open. */
  present(tls: ServerOptions): void;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

export interface ProviderServerSettings {
  /** Speaks https with these. */
  readonly tls?: ServerOptions;
}

/**
 * A provider's API on a free loopback port, which can also fail in every way a provider does.
 * A handler that throws was asked what its API does not have: the caller gets 500, and `close` throws.
 */
export async function startProviderServer(
  handle: (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>,
  { tls }: ProviderServerSettings = {},
): Promise<ProviderServer> {
  const requests: ProviderRequest[] = [];
  const sockets = new Set<Socket>();
  const broken: unknown[] = [];
  let interruption: Parameters<ProviderServer['interrupt']>[0];
  let stalled: (() => void) | undefined;
  let slowMs = 0;
  let onQuiet: (() => void) | undefined;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    requests.push(request);
    if (stalled !== undefined) {
      stalled();
      stalled = undefined;
      return;
    }
    if (slowMs > 0) await delay(slowMs);
    const answer = typeof interruption === 'function' ? interruption(request) : interruption;
    send(response, answer ?? (await handle(request)));
  }

  function listener(message: IncomingMessage, response: ServerResponse): void {
    serve(message, response).catch((error: unknown) => {
      if (message.complete) broken.push(error); // else it was the connection that broke
      send(response, { status: 500 });
    });
  }
  const tlsServer = tls && createTlsServer(tls, listener);
  const server = tlsServer ?? createServer(listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onQuiet?.();
    });
  });
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    sockets,
    interrupt(answer) {
      interruption = answer;
    },
    stall() {
      return new Promise((resolve) => {
        stalled = resolve;
      });
    },
    slowDown(ms) {
      slowMs = ms;
    },
    goDown: stopListening,
    comeBack: () => listen(port),
    present(shown) {
      if (tlsServer === undefined) throw new Error('the server speaks plain HTTP');
      tlsServer.setSecureContext(shown);
      tlsServer.closeAllConnections();
    },
    async quiet() {
      if (sockets.size > 0) {
        await new Promise<void>((resolve) => {
          onQuiet = resolve;
        });
      }
    },
    async close() {
      await stopListening();
      if (broken.length > 0) throw new AggregateError(broken, 'the loopback server was asked what it cannot answer');
    },
  };

  async function listen(wanted: number): Promise<void> {
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
  }

  async function stopListening(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
}

async function readRequest(message: IncomingMessage): Promise<ProviderRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = new URL(message.url ?? '/', 'http://loopback');
  return {
    method: message.method ?? '',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks),
    socket: message.socket,
  };
}

function send(response: ServerResponse, { status, headers = {}, body }: ProviderAnswer): void {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  response.writeHead(status, isRaw ? headers : { 'Content-Type': 'application/json', ...headers });
  response.end(isRaw ? body : JSON.stringify(body));
}
