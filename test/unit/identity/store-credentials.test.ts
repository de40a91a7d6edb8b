import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { createStoreCredentials, type PlacedSelector } from '../../../src/identity/store-credentials.ts';
import { fakeKube } from '../../support/fake-kube.ts';

const CALL = { signal: new AbortController().signal };
const SELECTOR: PlacedSelector = { kind: 'Secret', namespace: 'platform', name: 'vault-token', key: 'token' };
const SECRET = { data: { token: btoa('s.abc'), other: btoa('x') } };
const CONFIG_MAP = { data: { 'ca.crt': 'PEM' }, binaryData: { 'ca.der': btoa('\u0001') } };

describe('createStoreCredentials', () => {
  it('reads a key of a Secret by name', async () => {
    const kube = fakeKube(() => SECRET);
    const credentials = createStoreCredentials({ kube, now: () => 0 });

    const value = await credentials.read(SELECTOR, CALL);

    expect(value.exposeText()).toBe('s.abc');
    expect(kube.requests).toMatchObject([{ method: 'GET', path: '/api/v1/namespaces/platform/secrets/vault-token' }]);
  });

  it.each([
    ['text', 'ca.crt', 'PEM'],
    ['bytes', 'ca.der', '\u0001'],
  ])('reads %s of a ConfigMap', async (_, key, expected) => {
    const kube = fakeKube(() => CONFIG_MAP);
    const credentials = createStoreCredentials({ kube, now: () => 0 });

    const value = await credentials.read({ ...SELECTOR, kind: 'ConfigMap', key }, CALL);

    expect(value.exposeText()).toBe(expected);
    expect(kube.requests[0]?.path).toBe('/api/v1/namespaces/platform/configmaps/vault-token');
  });

  it('says who names what cannot be read', async () => {
    const credentials = createStoreCredentials({ kube: fakeKube(() => 404), now: () => 0 });

    const reading = credentials.read({ ...SELECTOR, namedBy: 'the template' }, CALL);

    await expect(reading).rejects.toMatchObject({
      line: 'Secret platform/vault-token, which the template names, does not exist. Create it, or correct the template. [STORE_CREDENTIAL_UNREADABLE]',
    });
  });

  it('reads anew for those to whom half a minute is too old', async () => {
    let nowMs = 0;
    const kube = fakeKube(() => SECRET);
    const credentials = createStoreCredentials({ kube, now: () => nowMs });

    await credentials.read(SELECTOR, CALL);
    nowMs = 2000;
    await credentials.read(SELECTOR, CALL);
    await credentials.read({ ...SELECTOR, maxAgeMs: 1000 }, CALL);

    expect(kube.requests).toHaveLength(2);
  });

  it('reads an object with the label that a selector asks for', async () => {
    const label = ['external-secrets.io/type', 'webhook'] as const;
    const kube = fakeKube(() => ({ ...SECRET, metadata: { labels: { 'external-secrets.io/type': 'webhook' } } }));
    const credentials = createStoreCredentials({ kube, now: () => 0 });

    const value = await credentials.read({ ...SELECTOR, label }, CALL);

    expect(value.exposeText()).toBe('s.abc');
  });

  it.each([
    ['no labels', {}],
    ['another value', { labels: { 'external-secrets.io/type': 'vault' } }],
  ])('keeps an object with %s back, whoever read it before', async (_, metadata) => {
    const kube = fakeKube(() => ({ ...SECRET, metadata }));
    const credentials = createStoreCredentials({ kube, now: () => 0 });
    await credentials.read(SELECTOR, CALL);

    const reading = credentials.read({ ...SELECTOR, label: ['external-secrets.io/type', 'webhook'] }, CALL);

    await expect(reading).rejects.toMatchObject({
      line: 'Secret platform/vault-token, which the store names, lacks the label external-secrets.io/type: webhook, without which it is not presented. Its owner can allow it: kubectl label Secret vault-token -n platform external-secrets.io/type=webhook. [STORE_CREDENTIAL_UNREADABLE]',
    });
  });

  it('reads an object once in 30 s, whatever the number of askers and keys', async () => {
    let nowMs = 0;
    const kube = fakeKube(() => SECRET);
    const credentials = createStoreCredentials({ kube, now: () => nowMs });
    await Promise.all(['token', 'other', 'token'].map((key) => credentials.read({ ...SELECTOR, key }, CALL)));

    nowMs = 29_999;
    await credentials.read(SELECTOR, CALL);
    const before = kube.requests.length;
    nowMs = 30_000;
    await credentials.read(SELECTOR, CALL);

    expect([before, kube.requests.length]).toEqual([1, 2]);
  });

  it.each([
    [
      'forbidden',
      403,
      'Secret platform/vault-token, which the store names, may not be read by Latchkey. Add {namespace: platform, kind: Secret, name: vault-token} to storeCredentials.items in the chart\'s values, or bind Latchkey\'s ServiceAccounts to a Role in namespace "platform" with verb get on secrets, resourceNames: [vault-token]. [STORE_CREDENTIAL_UNREADABLE]',
    ],
    [
      'absent',
      404,
      'Secret platform/vault-token, which the store names, does not exist. Create it, or correct the store. [STORE_CREDENTIAL_UNREADABLE]',
    ],
    [
      'without the key',
      { data: { password: btoa('x') } },
      'Secret platform/vault-token, which the store names, has no key "token". Add the key, or correct the store. [STORE_CREDENTIAL_UNREADABLE]',
    ],
    [
      'out of reach',
      503,
      'Secret platform/vault-token, which the store names, could not be read from the API server. It is tried again with the next Pod. [CLUSTER_UNAVAILABLE]',
    ],
  ])('says what to do about an object that is %s', async (_, answer, line) => {
    const credentials = createStoreCredentials({ kube: fakeKube(() => answer), now: () => 0 });

    const error = await credentials.read(SELECTOR, CALL).catch((thrown: unknown) => LatchkeyError.from(thrown));

    expect(error).toMatchObject({ line });
  });

  it('sees a credential as soon as it may be read', async () => {
    let answer: unknown = 403;
    const credentials = createStoreCredentials({ kube: fakeKube(() => answer), now: () => 0 });
    await credentials.read(SELECTOR, CALL).catch((thrown: unknown) => LatchkeyError.from(thrown));

    answer = SECRET;
    const value = await credentials.read(SELECTOR, CALL);

    expect(value.exposeText()).toBe('s.abc');
  });
});
