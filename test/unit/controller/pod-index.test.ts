import { describe, expect, it } from 'vitest';
import { createPodIndex } from '../../../src/controller/pod-index.ts';
import type { KubeObject } from '../../../src/kube/kube-object.ts';
import { PLAN } from '../../../src/references/annotations.ts';

const A = `lk-${'a'.repeat(32)}`;
const B = `lk-${'b'.repeat(32)}`;

function aPodUsing(secrets: readonly string[], name = 'api-0', uid = `uid-of-${name}`): KubeObject {
  const plan = { v: 1, secrets: secrets.map((secret) => ({ name: secret, owner: 'lease', keys: {} })) };
  return {
    metadata: { namespace: 'payments', name, uid, resourceVersion: '1', annotations: { [PLAN]: JSON.stringify(plan) } },
  };
}

function scene() {
  const changes: string[] = [];
  return { changes, index: createPodIndex((secret) => void changes.push(secret)) };
}

describe('the index of Pods', () => {
  it('knows the Pods of each Secret', () => {
    const { index, changes } = scene();

    index.onUpsert(aPodUsing([A, B]));
    index.onUpsert(aPodUsing([B], 'api-1'));

    expect(index.podsOf(`payments/${B}`)).toEqual([
      { namespace: 'payments', name: 'api-0', uid: 'uid-of-api-0' },
      { namespace: 'payments', name: 'api-1', uid: 'uid-of-api-1' },
    ]);
    expect(index.podsOf(`other/${B}`)).toEqual([]);
    expect(index.secrets()).toEqual([`payments/${A}`, `payments/${B}`]);
    expect(changes).toEqual([`payments/${A}`, `payments/${B}`, `payments/${B}`]);
  });

  it('says nothing of later events of a Pod', () => {
    const { index, changes } = scene();

    index.onUpsert(aPodUsing([A]));
    index.onUpsert(aPodUsing([A]));

    expect(changes).toHaveLength(1);
  });

  it('follows a Pod that was made again under its name', () => {
    const { index } = scene();

    index.onUpsert(aPodUsing([A], 'db-0', 'first'));
    index.onUpsert(aPodUsing([B], 'db-0', 'second'));

    expect(index.podsOf(`payments/${A}`)).toEqual([]);
    expect(index.podsOf(`payments/${B}`)).toMatchObject([{ uid: 'second' }]);
  });

  it('forgets a Pod with its Secrets', () => {
    const { index } = scene();
    index.onUpsert(aPodUsing([A, B]));
    index.onUpsert(aPodUsing([B], 'api-1'));

    index.onDelete({ namespace: 'payments', name: 'api-0', uid: 'uid-of-api-0' });

    expect(index.secrets()).toEqual([`payments/${B}`]);
    expect(index.podsOf(`payments/${B}`)).toHaveLength(1);
  });

  it.each(['own', 'lk-short', `lk-${'A'.repeat(32)}`, `x/${A}`, '__proto__'])(
    'takes no notice of a Secret named %s',
    (name) => {
      const { index, changes } = scene();

      index.onUpsert(aPodUsing([name]));

      expect([index.secrets(), changes]).toEqual([[], []]);
    },
  );

  it.each([undefined, 'no JSON', '{"v":9}'])('takes no notice of the plan %j', (plan) => {
    const { index } = scene();
    const { metadata } = aPodUsing([]);

    index.onUpsert({ metadata: { ...metadata, annotations: plan === undefined ? {} : { [PLAN]: plan } } });

    expect(index.secrets()).toEqual([]);
  });
});
