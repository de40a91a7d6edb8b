import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface LoopbackRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly LoopbackRequest[];
  /** Connections that were accepted since the start. */
  connections(): number;
  /** Breaks every open connection. */
  cut(): void;
}

/** An HTTP server on a free loopback port that keeps what it was asked. */
export async function startLoopbackServer(
  handle: (request: LoopbackRequest, response: ServerResponse) => void | Promise<void>,
): Promise<LoopbackServer> {
  const requests: LoopbackRequest[] = [];
  const open = new Set<Socket>();
  let connections = 0;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    requests.push(request);
    await handle(request, response);
  }

  const server = createServer((message, response) => {
    serve(message, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    connections += 1;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');

  function cut(): void {
    for (const socket of open) socket.destroy();
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    connections: () => connections,
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function readRequest(message: IncomingMessage): Promise<LoopbackRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    method: message.method ?? '',
    url: new URL(message.url ?? '/', 'http://loopback'),
    headers: message.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
