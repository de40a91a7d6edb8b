import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { KubeError } from '../../src/kube/client.ts';
import { createMemoryCluster } from '../../src/kube/memory/memory-cluster.ts';
import type { ServingCertificate } from '../../src/tls/certificate-source.ts';

export interface ClusterServer {
  readonly url: string;
  close(): void;
}

/** An API server on a loopback port: the cluster in memory, over HTTPS, with lists, watches and applies. */
export async function startClusterServer(
  manifests: readonly unknown[],
  certificate: ServingCertificate,
): Promise<ClusterServer> {
  const cluster = createMemoryCluster(manifests);
  const tls = { cert: certificate.certificatePem, key: certificate.keyPem.exposeText() };
  const server = createServer(tls, (message, response) => {
    serve(message, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `https://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'https://loopback');
    const place = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      accept: message.headers.accept ?? 'application/json',
    };
    try {
      if (url.searchParams.has('watch')) await watch(place, response);
      else await answer(place, message, response);
    } catch (error) {
      const { status, reason } = error instanceof KubeError ? error : { status: 500, reason: 'InternalError' };
      if (!response.headersSent)
        response.writeHead(status).end(JSON.stringify({ kind: 'Status', code: status, reason }));
    }
  }

  async function answer(place: Place, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const method = (message.method ?? 'GET') as 'GET';
    const contentType = message.headers['content-type'] ?? '';
    const request = { ...place, method, ...(text === '' ? {} : { body: JSON.parse(text) as unknown, contentType }) };
    const result = await cluster.request(request);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  }

  async function watch(place: Place, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const events = cluster.watch({ ...place, signal: gone.signal });
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    for await (const event of events) response.write(`${JSON.stringify(event)}\n`);
    response.end();
  }
}

interface Place {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accept: string;
}
