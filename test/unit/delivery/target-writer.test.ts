import { describe, expect, it } from 'vitest';
import type { Target } from '../../../src/delivery/target.ts';
import { createTargetWriter } from '../../../src/delivery/target-writer.ts';
import { type KubeClient, KubeError, type KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import { SecretValue } from '../../../src/secret-value.ts';

const CALL = { signal: new AbortController().signal };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } };

function aTarget(data: Readonly<Record<string, string>>, more: Partial<Target> = {}): Target {
  return {
    namespace: 'payments',
    name: 'db',
    maker: { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db', uid: 'uid-of-db' },
    extent: 'whole',
    owned: true,
    metadata: { labels: {}, annotations: {}, finalizers: [] },
    type: undefined,
    immutable: false,
    data: new Map(Object.entries(data).map(([key, text]) => [key, SecretValue.fromText(text)])),
    ...more,
  };
}

function refusing(error: KubeError, only: (request: KubeRequest) => boolean = () => true): KubeClient {
  const cluster = createMemoryCluster([NAMESPACE], {
    onRequest(request) {
      if (only(request)) throw error;
    },
  });
  return cluster;
}

describe('writing a target', () => {
  it("asks for answers that hold no data, and names what it looked at as the apply's precondition", async () => {
    const requests: KubeRequest[] = [];
    const cluster = createMemoryCluster([NAMESPACE], { onRequest: (request) => void requests.push(request) });
    const writer = createTargetWriter(cluster);
    const first = await writer.write(aTarget({ a: 'one' }), undefined, CALL);

    await writer.write(aTarget({ a: 'two' }), first, CALL);

    expect(requests.every(({ accept }) => accept?.includes('as=PartialObjectMetadata'))).toBe(true);
    const { uid, resourceVersion } = first;
    expect(requests.at(-1)?.body).toMatchObject({ metadata: { uid, resourceVersion } });
  });

  it('does not overwrite what was changed since it looked', async () => {
    const writer = createTargetWriter(createMemoryCluster([NAMESPACE]));
    const first = await writer.write(aTarget({ a: 'one' }), undefined, CALL);
    await writer.write(aTarget({ a: 'two' }), first, CALL);

    const late = writer.write(aTarget({ a: 'three' }), first, CALL);

    await expect(late).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE', where: 'could not update secret' });
  });

  it('deletes only the Secret that it looked at', async () => {
    const cluster = createMemoryCluster([NAMESPACE]);
    const writer = createTargetWriter(cluster);
    const stored = await writer.write(aTarget({ a: 'one' }), undefined, CALL);

    await writer.remove(aTarget({}), { ...stored, uid: 'another' }, CALL);
    const kept = cluster.find('v1', 'Secret', 'payments', 'db');
    await writer.remove(aTarget({}), stored, CALL);

    expect(kept).toBeDefined();
    expect(cluster.find('v1', 'Secret', 'payments', 'db')).toBeUndefined();
  });

  it('refuses more than a Secret holds', async () => {
    const writer = createTargetWriter(createMemoryCluster([NAMESPACE]));

    const large = writer.write(aTarget({ a: 'x'.repeat(1024 * 1024 + 1) }), undefined, CALL);

    await expect(large).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE', where: 'could not update secret' });
  });

  it.each([
    ['a field that is sealed', new KubeError(422, 'Invalid', '', undefined, ['data']), 'WRITE_REFUSED'],
    ['another type', new KubeError(422, 'Invalid', '', undefined, ['type']), 'WRITE_REFUSED'],
    ['a quota or a missing right', new KubeError(403, 'Forbidden', ''), 'WRITE_REFUSED'],
    ['an invalid name', new KubeError(422, 'Invalid', '', undefined, ['metadata.name']), 'WRITE_REFUSED'],
    ['too many requests', new KubeError(429, 'TooManyRequests', '', 2000), 'CLUSTER_UNAVAILABLE'],
    ['an outage', new KubeError(0, 'Unavailable', ''), 'CLUSTER_UNAVAILABLE'],
  ])('says of %s what to do', async (_what, error, code) => {
    const written = createTargetWriter(refusing(error)).write(aTarget({ a: 'hunter2' }), undefined, CALL);

    await expect(written).rejects.toMatchObject({ code });
    await expect(written).rejects.toMatchObject({ where: expect.stringContaining('could not update secret') });
  });
});

describe('looking at a target', () => {
  it('tells a Secret that the fence keeps from us from a right that is missing', async () => {
    const forbidden = new KubeError(403, 'Forbidden', '');
    const isPatch = ({ method }: KubeRequest): boolean => method === 'PATCH';
    const taken = createMemoryCluster(
      [NAMESPACE, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'payments' } }],
      {
        onRequest(request) {
          if (isPatch(request)) throw forbidden;
        },
      },
    );

    const behindFence = createTargetWriter(taken).look(aTarget({}), CALL);
    const withoutRight = createTargetWriter(refusing(forbidden)).look(aTarget({}), CALL);

    await expect(behindFence).rejects.toMatchObject({ code: 'TARGET_CONFLICT' });
    await expect(withoutRight).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
  });

  it('finds nothing where nothing is', async () => {
    const writer = createTargetWriter(createMemoryCluster([NAMESPACE]));

    expect(await writer.look(aTarget({}), CALL)).toBeUndefined();
  });
});
