import { describe, expect, it } from 'vitest';
import { gkeFederation, isClusterPool, memberOf, parseFederation } from '../../../../src/providers/gcpsm/federation.ts';

const POOL = 'projects/42/locations/global/workloadIdentityPools/clusters';
const PROVIDER = `//iam.googleapis.com/${POOL}/providers/production`;
const MEMBERSHIP = 'https://gkehub.googleapis.com/projects/acme/locations/global/memberships/edge';
const API = { namespace: 'payments', name: 'api' };

describe('parseFederation', () => {
  it.each([
    [PROVIDER, { tokenAudience: PROVIDER, audience: PROVIDER, pool: POOL }],
    [`https:${PROVIDER}`, { tokenAudience: `https:${PROVIDER}`, audience: PROVIDER, pool: POOL }],
    [
      `identitynamespace:acme.svc.id.goog:${MEMBERSHIP}`,
      {
        tokenAudience: 'acme.svc.id.goog',
        audience: `identitynamespace:acme.svc.id.goog:${MEMBERSHIP}`,
        pool: 'acme.svc.id.goog',
      },
    ],
  ])('reads %s', (audience, federation) => {
    expect(parseFederation(audience)).toEqual(federation);
  });

  it('takes a token audience of the provider’s own', () => {
    expect(parseFederation(PROVIDER, 'google')?.tokenAudience).toBe('google');
  });

  it.each([
    'acme.svc.id.goog',
    'production',
    `${PROVIDER}/keys/1`,
    `//iam.googleapis.com/${POOL}`,
    `//example.com/${POOL}/providers/production`,
    'identitynamespace:acme.example.com:https://example.com',
    'identitynamespace:acme.svc.id.goog:http://example.com',
  ])('takes %s for no provider', (audience) => {
    expect(parseFederation(audience)).toBeUndefined();
  });
});

describe('gkeFederation', () => {
  it('asks for the cluster, with tokens for its project’s pool', () => {
    const federation = gkeFederation({ project: 'example.com:acme', location: 'europe-west3', name: 'production' });

    expect(isClusterPool(federation.tokenAudience)).toBe(true);
    expect(federation).toEqual({
      tokenAudience: 'example.com:acme.svc.id.goog',
      audience:
        'identitynamespace:example.com:acme.svc.id.goog:https://container.googleapis.com/v1/projects/example.com:acme/locations/europe-west3/clusters/production',
      pool: 'example.com:acme.svc.id.goog',
    });
  });
});

describe('memberOf', () => {
  it.each([
    [POOL, `principal://iam.googleapis.com/${POOL}/subject/system:serviceaccount:payments:api`],
    ['acme.svc.id.goog', 'serviceAccount:acme.svc.id.goog[payments/api]'],
  ])('names a ServiceAccount of the pool %s as IAM policies do', (pool, member) => {
    expect(memberOf({ tokenAudience: '', audience: '', pool }, API)).toBe(member);
  });
});
