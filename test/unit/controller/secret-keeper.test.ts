import { describe, expect, it } from 'vitest';
import type { PodClaim } from '../../../src/controller/pod-index.ts';
import { createSecretKeeper } from '../../../src/controller/secret-keeper.ts';
import type { VerifiedClaim } from '../../../src/controller/verify-claim.ts';
import type { FillResult } from '../../../src/delivery/fill.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { OwnerReference } from '../../../src/kube/kube-object.ts';
import type { Owner } from '../../../src/planning/plan.ts';
import { anAsker } from '../../support/a-store.ts';
import { captureLog } from '../../support/captured-log.ts';
import { aPlannedSecret, fakeWriter, type FakeWriterSettings } from '../../support/fill-scene.ts';
import { REPLICA_SET } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const LEASE: OwnerReference = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  name: 'lk-a',
  uid: 'uid-of-lease',
};

function pod(name: string): PodClaim {
  return { namespace: 'payments', name, uid: `uid-of-${name}` };
}

function ownedBy(...ownerReferences: readonly OwnerReference[]): FakeWriterSettings {
  return {
    stored: { 'lk-a': { metadata: { name: 'lk-a', uid: 'uid-of-lk-a', resourceVersion: '1', ownerReferences } } },
  };
}

interface SceneSettings extends FakeWriterSettings {
  readonly owner?: Owner;
  /** Pods whose claim does not hold. */
  readonly liars?: readonly string[];
  readonly problems?: readonly LatchkeyError[];
  readonly filled?: FillResult;
}

function scene(settings: SceneSettings = {}) {
  const { owner = { kind: 'lease' }, liars = [], problems = [], filled = { problems: [], warnings: [] } } = settings;
  const writer = fakeWriter(settings);
  const events: string[] = [];
  const fills: string[] = [];
  const keeper = createSecretKeeper({
    async verify(claim, name): Promise<VerifiedClaim | undefined> {
      if (liars.includes(claim.name)) return undefined;
      return { pod: claim, secret: aPlannedSecret({}, { name, owner }), asker: anAsker(), problems };
    },
    writer,
    filler: {
      async fill(secrets) {
        for (const { name } of secrets) {
          fills.push(name);
          if (filled.problems.length === 0) writer.written.set(name, {});
        }
        return filled;
      },
    },
    events: {
      event: ({ regarding, reason, message }) => void events.push(`${regarding.name} ${reason}: ${message}`),
      flush: async () => {},
    },
    log: captureLog().log,
  });
  return { writer, events, fills, keep: (...pods: readonly PodClaim[]) => keeper.keep('payments', 'lk-a', pods, CALL) };
}

describe('keeping a Secret', () => {
  it('adds stored Pods as owners of a Secret that a Lease owns', async () => {
    const { keep, writer } = scene(ownedBy(LEASE));

    const outcome = await keep(pod('a'), pod('b'));

    expect(writer.owners).toEqual(['lk-a: a', 'lk-a: b']);
    expect(outcome).toEqual({ again: 600_000 });
  });

  it('adds only the Pods that are missing', async () => {
    const a: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'uid-of-a' };
    const { keep, writer } = scene(ownedBy(LEASE, a));

    await keep(pod('a'), pod('b'));

    expect(writer.owners).toEqual(['lk-a: b']);
  });

  it('leaves out Pods whose claim does not hold, wherever they stand', async () => {
    const { keep, writer } = scene({ ...ownedBy(LEASE), liars: ['a', 'c'] });

    await keep(pod('a'), pod('b'), pod('c'));

    expect(writer.owners).toEqual(['lk-a: b']);
  });

  it('takes in many Pods', async () => {
    const { keep, writer } = scene(ownedBy(LEASE));

    await keep(...Array.from({ length: 50 }, (_, index) => pod(`p${index}`)));

    expect(writer.owners).toHaveLength(50);
  });

  it('does nothing for a Secret that no Pod rightly claims', async () => {
    const { keep, writer, fills } = scene({ liars: ['a'] });

    expect(await keep(pod('a'))).toEqual({});
    expect([writer.probes, fills, writer.owners]).toEqual([[], [], []]);
  });

  it('leaves a Secret with its revision', async () => {
    const { keep, writer } = scene({ ...ownedBy({ ...REPLICA_SET }), owner: { kind: 'object', object: REPLICA_SET } });

    await keep(pod('a'));

    expect(writer.owners).toEqual([]);
  });

  it('does not adopt a Secret of that name that somebody else owns', async () => {
    const { keep, writer } = scene(ownedBy({ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }));

    await keep(pod('a'));

    expect(writer.owners).toEqual([]);
  });

  it('stops at a Secret that is not ours', async () => {
    const { keep } = scene({ stored: { 'lk-a': new LatchkeyError('TARGET_CONFLICT', 'theirs') } });

    await expect(keep(pod('a'))).rejects.toMatchObject({ code: 'TARGET_CONFLICT' });
  });
});

describe('keeping a Secret that is gone', () => {
  it('fills it again', async () => {
    const { keep, fills, events } = scene();

    expect(await keep(pod('a'))).toEqual({ again: 600_000 });
    expect([fills, events]).toEqual([['lk-a'], []]);
  });

  it('tells the Pod why it cannot be filled, and comes back', async () => {
    const problem = new LatchkeyError('PROVIDER_TIMEOUT', 'store "vault" did not answer');
    const { keep, events } = scene({ filled: { problems: [problem], warnings: [] } });

    await expect(keep(pod('a'))).rejects.toBe(problem);
    expect(events).toEqual(['a SecretFetchFailed: store "vault" did not answer. [PROVIDER_TIMEOUT]']);
  });

  it('reads no store that is closed to the Pod', async () => {
    const problem = new LatchkeyError('STORE_NOT_ALLOWED', 'it is closed');
    const { keep, events, fills } = scene({ problems: [problem] });

    await expect(keep(pod('a'))).rejects.toBe(problem);
    expect([fills, events]).toEqual([[], ['a SecretFetchFailed: it is closed. [STORE_NOT_ALLOWED]']]);
  });
});
