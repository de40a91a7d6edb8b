import { describe, expect, it } from 'vitest';
import { createRequestToken } from '../../../src/identity/request-token.ts';
import { aServiceAccount } from '../../support/a-store.ts';
import { fakeKube } from '../../support/fake-kube.ts';

const CALL = { signal: new AbortController().signal };
const REQUEST = { serviceAccount: aServiceAccount(), audience: 'sts.amazonaws.com', expirationSeconds: 3600 };

describe('createRequestToken', () => {
  it('asks for one audience, as exactly this ServiceAccount', async () => {
    const kube = fakeKube(() => ({ status: { token: 'a.b.c', expirationTimestamp: '2026-11-22T06:00:00Z' } }));

    const issued = await createRequestToken(kube)(REQUEST, CALL);

    expect(issued.token.exposeText()).toBe('a.b.c');
    expect(issued.expiresAt).toEqual(new Date('2026-11-22T06:00:00Z'));
    expect(kube.requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/payments/serviceaccounts/api/token',
        body: { metadata: { uid: 'uid-1' }, spec: { audiences: ['sts.amazonaws.com'], expirationSeconds: 3600 } },
        signal: CALL.signal,
      },
    ]);
  });

  it.each([
    [404, 'SERVICE_ACCOUNT_NOT_FOUND', 'ServiceAccount payments/api does not exist'],
    [403, 'IDENTITY_REJECTED', 'the API server gives Latchkey no token of ServiceAccount payments/api'],
    [409, 'IDENTITY_REJECTED', 'ServiceAccount payments/api was replaced by another of its name'],
    [500, 'CLUSTER_UNAVAILABLE', 'the API server could not issue a token of ServiceAccount payments/api'],
  ])('reports an answer %i as %s', async (status, code, message) => {
    const requestToken = createRequestToken(fakeKube(() => status));

    await expect(requestToken(REQUEST, CALL)).rejects.toMatchObject({ code, message });
  });

  it.each([
    ['nothing', undefined],
    ['no token', { status: { expirationTimestamp: '2026-11-22T06:00:00Z' } }],
    ['no date', { status: { token: 'a.b.c', expirationTimestamp: 'soon' } }],
  ])('reports an answer with %s as an outage', async (_, answer) => {
    const requestToken = createRequestToken(fakeKube(() => answer));

    await expect(requestToken(REQUEST, CALL)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  });
});
