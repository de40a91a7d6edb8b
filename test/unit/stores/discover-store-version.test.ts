import { describe, expect, it } from 'vitest';
import { discoverStoreVersion } from '../../../src/stores/discover-store-version.ts';
import { fakeKube } from '../../support/fake-kube.ts';

const IN_TIME = new AbortController().signal;

function groupOf(...versions: readonly string[]) {
  return { kind: 'APIGroup', name: 'external-secrets.io', versions: versions.map((version) => ({ version })) };
}

describe('discoverStoreVersion', () => {
  it.each<[string, unknown, string | undefined]>([
    ['v1 alone', groupOf('v1'), 'external-secrets.io/v1'],
    ['v1beta1 alone', groupOf('v1alpha1', 'v1beta1'), 'external-secrets.io/v1beta1'],
    ['the better of both', groupOf('v1beta1', 'v1'), 'external-secrets.io/v1'],
    ['none that we know', groupOf('v1alpha1', 'v2'), undefined],
    ['no group', 404, undefined],
    ['an answer of another form', { versions: 'v1' }, undefined],
  ])('chooses with %s', async (_, answer, expected) => {
    const kube = fakeKube(() => answer);

    const version = await discoverStoreVersion(kube, IN_TIME);

    expect(version).toBe(expected);
    expect(kube.requests).toMatchObject([{ method: 'GET', path: '/apis/external-secrets.io' }]);
  });

  it('does not take a refusal for absence', async () => {
    const kube = fakeKube(() => 403);

    const failure = discoverStoreVersion(kube, IN_TIME);

    await expect(failure).rejects.toMatchObject({ status: 403 });
  });
});
