import { describe, expect, it } from 'vitest';
import { createSecretWriter, type SecretToWrite } from '../../../src/delivery/secret-writer.ts';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import type { ObjectReference } from '../../../src/planning/plan.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { REPLICA_SET } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const NAME = 'lk-00000000000000000000000000000001';
const PLACE = { namespace: 'payments', name: NAME };

function aSecret(values: Readonly<Record<string, string>>, rest: Partial<SecretToWrite> = {}): SecretToWrite {
  const data = new Map(Object.entries(values).map(([key, text]) => [key, SecretValue.fromText(text)]));
  return { ...PLACE, owner: { kind: 'object', object: REPLICA_SET }, data, ...rest };
}

function pod(name: string): ObjectReference {
  return { apiVersion: 'v1', kind: 'Pod', name, uid: `uid-of-${name}` };
}

function scene(...manifests: readonly object[]) {
  const requests: KubeRequest[] = [];
  const clock = createFakeClock();
  const client = createMemoryCluster(
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } }, ...manifests],
    {
      clock,
      onRequest: (request) => void requests.push(request),
    },
  );
  const writer = createSecretWriter({ client, leaseDurationMs: 900_000, clock });
  return {
    clock,
    client,
    requests,
    writer,
    secret: () => client.find('v1', 'Secret', 'payments', NAME),
    lease: () => client.find('coordination.k8s.io/v1', 'Lease', 'payments', NAME),
  };
}

const FOREIGN = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...PLACE },
  type: 'Opaque',
  stringData: { A: 'theirs' },
};

describe('writing a Secret', () => {
  it('applies it with its owner and our label, in one request', async () => {
    const { writer, secret, requests } = scene();

    await writer.write(aSecret({ A: 'hunter2', constructor: 'x' }), CALL);

    expect(secret()).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': 'latchkey' },
        ownerReferences: [REPLICA_SET],
      },
      data: { A: Buffer.from('hunter2').toString('base64'), constructor: Buffer.from('x').toString('base64') },
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'PATCH', query: { fieldManager: 'latchkey', force: 'false' } });
  });

  it('never asks for the stored data in the answer', async () => {
    const { writer, requests } = scene();

    await writer.write(aSecret({ A: 'a' }, { owner: { kind: 'lease' } }), CALL);
    await writer.probe('payments', NAME, CALL);
    await writer.recordRefusal('payments', NAME, CALL);
    await writer.addOwners(
      { ...PLACE, uid: (await writer.probe('payments', NAME, CALL))?.metadata.uid ?? '' },
      [pod('a')],
      CALL,
    );

    expect(requests).toHaveLength(6);
    expect(requests.map(({ accept }) => accept)).toEqual(
      Array(6).fill(expect.stringContaining('PartialObjectMetadata')),
    );
  });

  it('applies the Lease that owns it first', async () => {
    const { writer, secret, lease, requests } = scene();

    await writer.write(aSecret({ A: 'a' }, { owner: { kind: 'lease' } }), CALL);

    expect(lease()).toMatchObject({
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'latchkey' } },
      spec: { leaseDurationSeconds: 900, renewTime: '2026-11-22T05:00:00.000000Z' },
    });
    expect(secret()?.metadata.ownerReferences).toEqual([
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: NAME, uid: lease()?.metadata.uid },
    ]);
    expect(requests.map(({ path }) => path.split('/').at(-2))).toEqual(['leases', 'secrets']);
  });

  it('renews the Lease with the next write', async () => {
    const { writer, lease, clock } = scene();
    await writer.write(aSecret({ A: 'a' }, { owner: { kind: 'lease' } }), CALL);
    const before = lease();

    await clock.advance(60_000);
    await writer.write(aSecret({ A: 'a' }, { owner: { kind: 'lease' } }), CALL);

    expect(lease()).toMatchObject({
      metadata: { uid: before?.metadata.uid },
      spec: { renewTime: '2026-11-22T05:01:00.000000Z' },
    });
  });

  it('takes keys away that are no longer planned', async () => {
    const { writer, secret } = scene();
    await writer.write(aSecret({ A: 'a', B: 'b' }), CALL);

    await writer.write(aSecret({ A: 'new' }), CALL);

    expect(secret()?.['data']).toEqual({ A: Buffer.from('new').toString('base64') });
  });

  it('keeps Pods as owners that were added meanwhile', async () => {
    const { writer, secret } = scene();
    await writer.write(aSecret({ A: 'a' }, { owner: { kind: 'lease' } }), CALL);
    await writer.addOwners({ ...PLACE, uid: secret()?.metadata.uid ?? '' }, [pod('a'), pod('b')], CALL);

    await writer.write(aSecret({ A: 'b' }, { owner: { kind: 'lease' } }), CALL);

    expect(
      secret()
        ?.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)
        .toSorted(),
    ).toEqual([`Lease ${NAME}`, 'Pod a', 'Pod b']);
  });

  it('refuses to change a Secret of somebody else', async () => {
    const { writer, secret } = scene(FOREIGN);

    await expect(writer.write(aSecret({ A: 'ours' }), CALL)).rejects.toMatchObject({ code: 'TARGET_CONFLICT' });

    expect(secret()?.['data']).toEqual({ A: Buffer.from('theirs').toString('base64') });
    expect(writer.trusts('payments', NAME)).toBe(false);
  });

  it('is trusted once it is written, in its namespace only', async () => {
    const { writer } = scene();

    const before = writer.trusts('payments', NAME);
    await writer.write(aSecret({ A: 'a' }), CALL);

    expect([before, writer.trusts('payments', NAME), writer.trusts('other', NAME)]).toEqual([false, true, false]);
  });

  it('says that the API server did not answer in time', async () => {
    const { writer } = scene();

    const late = writer.write(aSecret({ A: 'a' }), { signal: AbortSignal.abort() });

    await expect(late).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });
});

describe('probing a Secret', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await scene().writer.probe('payments', NAME, CALL)).toBeUndefined();
  });

  it('changes nothing of what is there', async () => {
    const { writer, secret } = scene();
    await writer.write(aSecret({ A: 'a' }), CALL);
    const before = secret();

    const stored = await writer.probe('payments', NAME, CALL);

    expect(stored).toMatchObject({ refused: false, metadata: { name: NAME } });
    expect(secret()).toEqual(before);
  });

  it('refuses a Secret of somebody else', async () => {
    await expect(scene(FOREIGN).writer.probe('payments', NAME, CALL)).rejects.toMatchObject({
      code: 'TARGET_CONFLICT',
    });
  });
});

describe('recording a refusal', () => {
  it('marks the Secret for every replica and ends the trust of this one', async () => {
    const { writer, secret } = scene();
    await writer.write(aSecret({ A: 'a' }), CALL);

    await writer.recordRefusal('payments', NAME, CALL);

    expect(secret()?.metadata.annotations).toEqual({ 'latchkey.dev/refused-at': '2026-11-22T05:00:00.000Z' });
    expect(await writer.probe('payments', NAME, CALL)).toMatchObject({ refused: true });
    expect(writer.trusts('payments', NAME)).toBe(false);
  });

  it('ends with the next write', async () => {
    const { writer } = scene();
    await writer.write(aSecret({ A: 'a' }), CALL);
    await writer.recordRefusal('payments', NAME, CALL);

    await writer.write(aSecret({ A: 'b' }), CALL);

    expect(await writer.probe('payments', NAME, CALL)).toMatchObject({ refused: false });
  });

  it('makes no Secret where there is none', async () => {
    const { writer, secret } = scene();

    await writer.recordRefusal('payments', NAME, CALL);

    expect(secret()).toBeUndefined();
  });
});

describe('adding owners', () => {
  it('does nothing to another Secret of that name', async () => {
    const { writer, secret } = scene();
    await writer.write(aSecret({ A: 'a' }), CALL);

    const added = writer.addOwners({ ...PLACE, uid: 'of-an-earlier-one' }, [pod('a')], CALL);

    await expect(added).rejects.toMatchObject({ name: 'KubeError' });
    expect(secret()?.metadata.ownerReferences).toEqual([REPLICA_SET]);
  });
});
