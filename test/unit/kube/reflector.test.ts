import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KubeError, type KubeRequest } from '../../../src/kube/client.ts';
import { systemClock } from '../../../src/kube/clock.ts';
import { createKubeClient } from '../../../src/kube/http-client.ts';
import {
  createMemoryCluster,
  type MemoryCluster,
  type MemoryClusterOptions,
} from '../../../src/kube/memory/memory-cluster.ts';
import { createObjectCache } from '../../../src/kube/object-cache.ts';
import { apiPath, SECRETS } from '../../../src/kube/paths.ts';
import { type ReflectorOptions, startReflector } from '../../../src/kube/reflector.ts';
import { createFakeClock, settle } from '../../support/fake-clock.ts';
import { type LoopbackRequest, sendJson, startLoopbackServer } from '../../support/loopback-server.ts';

const ALL = apiPath(SECRETS);
const IN_PAYMENTS = apiPath(SECRETS, { namespace: 'payments' });

function aSecret(name: string, labels: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'payments', labels } };
}

/** A cluster with a reflector on its Secrets, a record of what the handler heard, and every request. */
function observe(
  manifests: readonly unknown[],
  cluster: MemoryClusterOptions = {},
  options: Partial<ReflectorOptions> = {},
) {
  const requests: KubeRequest[] = [];
  const heard: string[] = [];
  const clock = createFakeClock();
  const kube = createMemoryCluster(manifests, {
    ...cluster,
    onRequest: (request) => {
      requests.push(request);
      return cluster.onRequest?.(request);
    },
  });
  const reflector = startReflector({
    client: kube,
    path: ALL,
    log: pino({ level: 'silent' }),
    clock,
    random: () => 0.5,
    handler: {
      onUpsert: ({ metadata }) => heard.push(`+${metadata.name}`),
      onDelete: ({ name }) => heard.push(`-${name}`),
      onSynced: () => heard.push('synced'),
    },
    ...options,
  });
  onTestFinished(() => reflector.stop());
  return { kube, reflector, clock, heard, requests, watches, lists };

  function watches() {
    return requests.filter(({ query }) => query?.['watch'] === '1');
  }

  function lists() {
    return requests.filter(({ query }) => query?.['limit'] !== undefined);
  }
}

describe('startReflector', () => {
  it('lists, then follows additions, changes and deletions', async () => {
    const { kube, reflector, heard } = observe([aSecret('a')]);
    await reflector.synced;
    await settle();

    await kube.request({ method: 'POST', path: IN_PAYMENTS, body: aSecret('b') });
    kube.seed(aSecret('a', { changed: 'yes' }));
    await kube.request({ method: 'DELETE', path: `${IN_PAYMENTS}/b` });
    await settle();

    expect(heard).toEqual(['+a', 'synced', '+b', '+a', '-b']);
    expect(reflector.isSynced()).toBe(true);
  });

  it('lists in pages and watches from the version that they show', async () => {
    const many = Array.from({ length: 1200 }, (_, n) => aSecret(`s-${n}`));
    const { reflector, heard, lists, watches } = observe(many);

    await reflector.synced;
    await settle();

    expect(lists().map(({ query }) => query?.['limit'])).toEqual(['250', '250', '250', '250', '250']);
    expect(heard).toHaveLength(1201);
    expect(watches()).toHaveLength(1);
    expect(watches()[0]?.query).toMatchObject({
      allowWatchBookmarks: 'true',
      timeoutSeconds: '450',
      resourceVersion: reflector.resourceVersion(),
    });
  });

  it('goes on from where it was after an abrupt disconnect, without another list', async () => {
    const { kube, reflector, clock, heard, lists, watches } = observe([aSecret('a')]);
    await reflector.synced;
    await settle();

    kube.disconnect();
    await settle();
    await kube.request({ method: 'POST', path: IN_PAYMENTS, body: aSecret('while-away') });
    await clock.advance(1000);

    expect(heard).toEqual(['+a', 'synced', '+while-away']);
    expect(lists()).toHaveLength(1);
    expect(watches()).toHaveLength(2);
  });

  it('lists again after 410 and works out what was deleted, changed and left alone meanwhile', async () => {
    const { kube, reflector, clock, heard, lists } = observe([aSecret('gone'), aSecret('same'), aSecret('changed')], {
      historyLimit: 2,
    });
    await reflector.synced;
    await settle();
    heard.length = 0;

    kube.disconnect();
    await kube.request({ method: 'DELETE', path: `${IN_PAYMENTS}/gone` });
    kube.seed(aSecret('changed', { changed: 'yes' }), aSecret('new'));
    await clock.advance(5000);

    expect(heard).toEqual(['+changed', '+new', '-gone', 'synced']);
    expect(lists()).toHaveLength(2);
  });

  it('reports an object that was deleted and made again between two lists as both', async () => {
    const { kube, reflector, clock, heard } = observe([aSecret('a')], { historyLimit: 1 });
    await reflector.synced;
    await settle();
    heard.length = 0;

    kube.disconnect();
    await kube.request({ method: 'DELETE', path: `${IN_PAYMENTS}/a` });
    await kube.request({ method: 'POST', path: IN_PAYMENTS, body: aSecret('a') });
    await clock.advance(5000);

    expect(heard).toEqual(['-a', '+a', 'synced']);
  });

  it('moves its version along with bookmarks and counts them as contact', async () => {
    const { kube, reflector, clock, heard } = observe([]);
    await reflector.synced;
    await settle();
    const before = reflector.resourceVersion();

    await clock.advance(60_000);
    kube.seed({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'payments' } });
    kube.bookmark();
    await settle();

    expect(Number(reflector.resourceVersion())).toBeGreaterThan(Number(before));
    expect(reflector.lastContactAt()).toBe(60_000);
    expect(heard).toEqual(['synced']);
  });

  it('passes its selectors on, and sees an object leave when it stops matching', async () => {
    const { kube, reflector, heard, watches } = observe(
      [aSecret('ours', { app: 'x' }), aSecret('other')],
      {},
      { labelSelector: 'app=x' },
    );
    await reflector.synced;
    await settle();

    kube.seed(aSecret('ours', {}));
    await settle();

    expect(heard).toEqual(['+ours', 'synced', '-ours']);
    expect(watches()[0]?.query).toMatchObject({ labelSelector: 'app=x' });
  });

  it('asks for metadata alone where that is enough', async () => {
    const seen: object[] = [];
    const { kube, reflector } = observe(
      [{ ...aSecret('a'), stringData: { password: 'hunter2' } }],
      {},
      { metadataOnly: true, handler: { onUpsert: (object) => seen.push(object), onDelete: () => {} } },
    );
    await reflector.synced;
    await settle();

    kube.seed({ ...aSecret('b'), stringData: { password: 'hunter2' } });
    await settle();

    expect(seen).toHaveLength(2);
    expect(seen.map(Object.keys)).toEqual([
      ['apiVersion', 'kind', 'metadata'],
      ['apiVersion', 'kind', 'metadata'],
    ]);
  });

  it('counts a resource that is not served as empty, and finds it once it is', async () => {
    let isServed = false;
    const { reflector, clock, heard } = observe([aSecret('a')], {
      onRequest: () => {
        if (!isServed) throw new KubeError(404, 'NotFound', 'no such resource');
      },
    });

    await reflector.synced;
    expect(heard).toEqual(['synced']);
    isServed = true;
    await clock.advance(45_000);

    expect(heard).toEqual(['synced', '+a', 'synced']);
  });

  it('stays unsynced while it may not list, and asks ever more rarely', async () => {
    const { reflector, clock, requests } = observe([aSecret('a')], {
      onRequest: () => {
        throw new KubeError(403, 'Forbidden', 'no');
      },
    });

    await clock.advance(10 * 60_000);

    expect(reflector.isSynced()).toBe(false);
    expect(requests.length).toBeGreaterThan(5);
    expect(requests.length).toBeLessThan(40);
  });

  it('does not hammer a server that ends every watch at once', async () => {
    const { kube, reflector, clock, watches } = observe([]);
    await reflector.synced;

    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1000);
      kube.disconnect();
    }

    expect(watches().length).toBeLessThan(15);
  });

  it('goes on after a handler has thrown', async () => {
    const heard: string[] = [];
    const { reflector } = observe(
      [aSecret('bad'), aSecret('good')],
      {},
      {
        handler: {
          onUpsert({ metadata }) {
            if (metadata.name === 'bad') throw new Error('handler');
            heard.push(metadata.name);
          },
          onDelete: () => {},
        },
      },
    );

    await reflector.synced;

    expect(heard).toEqual(['good']);
  });

  it('asks nothing more after it was stopped', async () => {
    const { reflector, clock, requests } = observe([]);
    await reflector.synced;
    await settle();

    await reflector.stop();
    const before = requests.length;
    await clock.advance(60_000);

    expect(requests).toHaveLength(before);
  });
});

describe('startReflector over HTTP', () => {
  it('catches up by itself after the server cut its connections', async () => {
    const kube = createMemoryCluster([aSecret('a')]);
    await using server = await startLoopbackServer((request, response) => serve(kube, request, response));
    const access = { server: server.url, tls: {}, authHeader: () => Promise.resolve(undefined) };
    const client = createKubeClient(access);
    onTestFinished(() => client.close());
    const { reflector, heard } = observe([], {}, { client, clock: systemClock, random: () => 0 });
    await reflector.synced;
    await expect.poll(() => server.requests.length).toBe(2);

    server.cut();
    kube.seed(aSecret('while-away'));

    await expect.poll(() => heard).toEqual(['+a', 'synced', '+while-away']);
  });
});

/** Puts the memory cluster behind HTTP. */
async function serve(kube: MemoryCluster, request: LoopbackRequest, response: ServerResponse): Promise<void> {
  const query = Object.fromEntries(request.url.searchParams);
  const path = request.url.pathname;
  if (query['watch'] === undefined) {
    sendJson(response, 200, await kube.request({ method: 'GET', path, query }));
    return;
  }
  const closed = new AbortController();
  response.on('close', () => closed.abort());
  response.flushHeaders();
  try {
    for await (const event of kube.watch({ path, query, signal: closed.signal })) {
      response.write(`${JSON.stringify(event)}\n`);
    }
  } catch {
    response.destroy();
  }
}

describe('createObjectCache', () => {
  it('keeps what the transform takes out of each object, and tells of changes', async () => {
    const changes: unknown[] = [];
    const cache = createObjectCache({
      transform: ({ metadata }) => metadata.labels?.['team'],
      onChange: (namespace, name, value) => changes.push([namespace, name, value]),
    });
    const { kube, reflector } = observe([aSecret('a', { team: 'red' }), aSecret('unlabelled')], {}, { handler: cache });
    await reflector.synced;
    await settle();

    await kube.request({ method: 'DELETE', path: `${IN_PAYMENTS}/a` });
    await settle();

    expect(changes).toEqual([
      ['payments', 'a', 'red'],
      ['payments', 'unlabelled', undefined],
      ['payments', 'a', undefined],
    ]);
    expect(cache.size).toBe(0);
  });
});
