import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { METADATA_ONLY, type WatchEvent } from '../../../src/kube/client.ts';
import { createKubeClient, type HttpKubeClient, type KubeClientOptions } from '../../../src/kube/http-client.ts';
import { type LoopbackRequest, sendJson, startLoopbackServer } from '../../support/loopback-server.ts';
import { kubeFailure } from '../../support/kube-failure.ts';

type Handle = (request: LoopbackRequest, response: ServerResponse) => void | Promise<void>;

async function start(handle: Handle, options: KubeClientOptions = {}) {
  const server = await startLoopbackServer(handle);
  const access = { server: server.url, tls: {}, authHeader: () => Promise.resolve('Bearer the-token') };
  const client = createKubeClient(access, options);
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function collect(client: HttpKubeClient, count: number, signal = new AbortController().signal) {
  const events: WatchEvent[] = [];
  for await (const event of client.watch({ path: '/api/v1/pods', query: { resourceVersion: '7' }, signal })) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

describe('requests', () => {
  it('sends the method, query, body and credentials, and answers with the parsed body', async () => {
    await using kube = await start((request, response) => sendJson(response, 200, { got: request.body }));

    const answer = await kube.client.request({
      method: 'PATCH',
      path: '/api/v1/namespaces/payments/secrets/db',
      query: { fieldManager: 'latchkey', force: 'false' },
      body: { kind: 'Secret' },
      contentType: 'application/apply-patch+yaml',
      accept: METADATA_ONLY,
    });

    expect(answer).toEqual({ got: '{"kind":"Secret"}' });
    expect(kube.server.requests[0]).toMatchObject({
      method: 'PATCH',
      headers: {
        authorization: 'Bearer the-token',
        'content-type': 'application/apply-patch+yaml',
        accept: METADATA_ONLY,
      },
    });
    expect(kube.server.requests[0]?.url.search).toBe('?fieldManager=latchkey&force=false');
  });

  it('reuses connections for requests that follow each other', async () => {
    await using kube = await start((_, response) => sendJson(response, 200, {}));

    for (let n = 0; n < 20; n += 1) await kube.client.request({ method: 'GET', path: '/api/v1/pods' });

    // A second one where a request begins before the answer before it is fully put away.
    expect(kube.server.connections()).toBeLessThanOrEqual(2);
  });

  it('keeps concurrent requests within the pool, and watches outside of it', async () => {
    await using kube = await start(
      (request, response) => {
        if (request.url.searchParams.has('watch')) response.write('\n');
        else sendJson(response, 200, {});
      },
      { maxConnections: 2 },
    );
    const stop = new AbortController();
    const watches = [1, 2, 3].map(() => expect(collect(kube.client, 1, stop.signal)).rejects.toThrow('aborted'));
    await expect.poll(() => kube.server.requests.length).toBe(3);

    await Promise.all(Array.from({ length: 20 }, () => kube.client.request({ method: 'GET', path: '/api/v1/pods' })));

    expect(kube.server.connections()).toBe(5);
    stop.abort();
    await Promise.all(watches);
  });

  it('reports the code, reason and waiting time of a Status, and never its message', async () => {
    const status = {
      kind: 'Status',
      reason: 'AlreadyExists',
      message: 'data hunter2',
      details: { causes: [{ field: '.data.password' }] },
    };
    await using kube = await start((_, response) => sendJson(response, 409, status, { 'retry-after': '3' }));

    const error = await kubeFailure(
      kube.client.request({ method: 'POST', path: '/api/v1/namespaces/a/secrets', body: {} }),
    );

    expect(error).toMatchObject({ name: 'KubeError', status: 409, reason: 'AlreadyExists', retryAfterMs: 3000 });
    expect(error.message).toBe('POST /api/v1/namespaces/a/secrets answered 409 AlreadyExists (.data.password)');
  });

  it('names the reason of an answer that is no Status', async () => {
    await using kube = await start((_, response) => {
      response.writeHead(503).end('<html>upstream hunter2</html>');
    });

    const error = await kubeFailure(kube.client.request({ method: 'GET', path: '/api/v1/pods' }));

    expect(error).toMatchObject({ status: 503, reason: 'ServiceUnavailable' });
    expect(error.message).not.toContain('hunter2');
  });

  it('asks once more when a connection was lost under a read', async () => {
    let count = 0;
    await using kube = await start((_, response) => {
      count += 1;
      if (count === 1) response.destroy();
      else sendJson(response, 200, { count });
    });

    await expect(kube.client.request({ method: 'GET', path: '/api/v1/pods' })).resolves.toEqual({ count: 2 });
  });

  it('sends a create only once, and reports a lost connection as unavailable', async () => {
    await using kube = await start((_, response) => {
      response.destroy();
    });

    const error = await kubeFailure(kube.client.request({ method: 'POST', path: '/api/v1/pods', body: {} }));

    expect(error).toMatchObject({ status: 0, reason: 'Unavailable' });
    expect(kube.server.requests).toHaveLength(1);
  });

  it("rejects with the signal's reason when it aborts", async () => {
    await using kube = await start(() => {});
    const stop = new AbortController();

    const pending = kube.client.request({ method: 'GET', path: '/api/v1/pods', signal: stop.signal });
    stop.abort(new Error('deadline'));

    await expect(pending).rejects.toThrow('deadline');
  });

  it('gives up on a server that does not answer', async () => {
    await using kube = await start(() => {}, { requestTimeoutMs: 20 });

    const error = await kubeFailure(kube.client.request({ method: 'GET', path: '/api/v1/pods' }));

    expect(error).toMatchObject({ status: 0, reason: 'Timeout' });
  });

  it.each([
    ['an answer over the limit', { padding: 'x'.repeat(2000) }, 'TooLarge'],
    ['no JSON', undefined, 'InvalidAnswer'],
  ])('refuses %s', async (_, body, reason) => {
    await using kube = await start(
      (_request, response) => {
        if (body === undefined) response.end('hunter2');
        else sendJson(response, 200, body);
      },
      { maxResponseBytes: 1000 },
    );

    const error = await kubeFailure(kube.client.request({ method: 'GET', path: '/api/v1/pods' }));

    expect(error).toMatchObject({ status: 0, reason });
    expect(error.message).not.toContain('hunter2');
  });
});

describe('watches', () => {
  it('reads events whatever the chunks are cut into', async () => {
    const lines = ['Zoë', '東京', '🔑'].map((name) => ({ type: 'ADDED', object: { metadata: { name } } }));
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await using kube = await start(async (_, response) => {
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });

    const events = await collect(kube.client, 100);

    expect(events).toEqual(lines);
    expect(kube.server.requests[0]?.url.search).toBe('?resourceVersion=7&watch=1');
  });

  it('hands on an ERROR event', async () => {
    const event = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    await using kube = await start((_, response) => {
      response.end(`${JSON.stringify(event)}\n`);
    });

    await expect(collect(kube.client, 100)).resolves.toEqual([event]);
  });

  it('reports an abrupt end as unavailable after the events before it', async () => {
    await using kube = await start((_, response) => {
      response.write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n{"type":"MOD`, () => response.destroy());
    });
    const events: WatchEvent[] = [];

    const error = await kubeFailure(
      (async () => {
        const { signal } = new AbortController();
        for await (const event of kube.client.watch({ path: '/api/v1/pods', query: {}, signal })) events.push(event);
      })(),
    );

    expect(events).toHaveLength(1);
    expect(error).toMatchObject({ status: 0, reason: 'Unavailable' });
  });

  it('rejects with a KubeError when the watch is refused', async () => {
    await using kube = await start((_, response) => sendJson(response, 403, { kind: 'Status', reason: 'Forbidden' }));

    await expect(collect(kube.client, 1)).rejects.toMatchObject({ status: 403, reason: 'Forbidden' });
  });

  it('ends the connection when the reader leaves', async () => {
    const closed = Promise.withResolvers<boolean>();
    await using kube = await start((_, response) => {
      response.on('close', () => closed.resolve(true));
      response.write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n`);
    });

    await collect(kube.client, 1);

    await expect(closed.promise).resolves.toBe(true);
  });
});
