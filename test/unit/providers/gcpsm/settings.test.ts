import { describe, expect, it } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import { createGcpsm } from '../../../../src/providers/gcpsm/index.ts';
import { readSettings } from '../../../../src/providers/gcpsm/settings.ts';
import type { ProviderLimits } from '../../../../src/providers/provider.ts';
import { AUDIENCE, GKE_AUDIENCE } from '../../../support/open-gcp.ts';

const LIMITS: ProviderLimits = { audiences: ['acme.svc.id.goog', AUDIENCE], endpoints: [], maxResponseBytes: 1024 };
const CLUSTER = { clusterLocation: 'europe-west3', clusterName: 'production' };
const KEY = { secretAccessKeySecretRef: { name: 'gcp', key: 'key.json' } };

function read(block: object, limits: Partial<ProviderLimits> = {}) {
  const fields = Fields.of({ projectID: 'acme', ...block }, 'gcpsm');
  const settings = readSettings(fields, { ...LIMITS, ...limits });
  return { settings, problems: fields.problems.map(({ path, message }) => `${path}: ${message}`) };
}

function needsOf(block: object) {
  return createGcpsm({ now: Date.now }).configure(Fields.of({ projectID: 'acme', ...block }, 'gcpsm'), LIMITS).needs;
}

describe('readSettings', () => {
  it('takes the first listed audience that names a provider by itself, where the store names no identity', () => {
    const { settings, problems } = read({});

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      project: 'acme',
      location: undefined,
      skipsDisabled: false,
      auth: { method: 'federation', federation: { tokenAudience: AUDIENCE, audience: AUDIENCE } },
    });
  });

  it.each([
    [{ workloadIdentity: CLUSTER }, 'acme.svc.id.goog', GKE_AUDIENCE],
    [{ workloadIdentityFederation: { audience: AUDIENCE } }, AUDIENCE, AUDIENCE],
    [{ workloadIdentityFederation: { audience: GKE_AUDIENCE } }, 'acme.svc.id.goog', GKE_AUDIENCE],
    [{ workloadIdentityFederation: {} }, AUDIENCE, AUDIENCE],
    [{ workloadIdentity: CLUSTER, workloadIdentityFederation: {} }, 'acme.svc.id.goog', GKE_AUDIENCE],
  ])('reads auth %j', (auth, tokenAudience, audience) => {
    const { settings, problems } = read({ auth });

    expect(problems).toEqual([]);
    expect(settings.auth).toMatchObject({ method: 'federation', federation: { tokenAudience, audience } });
  });

  it('takes the cluster’s project where the store names none', () => {
    const { settings, problems } = read({
      projectID: undefined,
      auth: { workloadIdentity: { ...CLUSTER, clusterProjectID: 'acme' } },
    });

    expect(problems).toEqual([]);
    expect(settings.project).toBe('acme');
  });

  it.each([
    [
      { auth: { workloadIdentity: { ...CLUSTER, clusterProjectID: 'other' } } },
      {},
      'gcpsm.auth: the audience "other.svc.id.goog" is not in the operator\'s list',
    ],
    [{ auth: { vault: {} } }, {}, 'gcpsm.auth: must name one of secretRef'],
    [{ auth: { secretRef: {} } }, {}, 'gcpsm.auth.secretRef.secretAccessKeySecretRef: is required'],
    [{}, { audiences: [] }, "gcpsm.auth: needs an audience, and the operator's list identity.audiences.gcpsm names no"],
    [{}, { audiences: ['acme.svc.id.goog'] }, 'gcpsm.auth: must name workloadIdentity.clusterLocation and clusterName'],
    [{ projectID: undefined }, {}, 'gcpsm.projectID: is required'],
    [{}, { endpoints: ['*.example.com'] }, 'gcpsm: the host "secretmanager.googleapis.com" is not in'],
    [
      { location: 'europe-west3' },
      { endpoints: ['sts.googleapis.com', 'iamcredentials.googleapis.com'] },
      'gcpsm: the host "secretmanager.europe-west3.rep.googleapis.com" is not in',
    ],
  ])('refuses %j with limits %j', (block, limits, problem) => {
    expect(read(block, limits).problems.join('\n')).toContain(problem);
  });

  it.each([
    [{}, {}, 'https://secretmanager.googleapis.com'],
    [{ location: 'europe-west3' }, {}, 'https://secretmanager.europe-west3.rep.googleapis.com'],
    [{ location: 'europe-west3' }, { secretmanager: 'https://sm.acme.example/' }, 'https://sm.acme.example'],
  ])('reads the secrets of %j, moved to %j, at %s', (block, endpointUrls, address) => {
    const { settings, problems } = read(block, { endpointUrls });

    expect(problems).toEqual([]);
    expect(settings.services).toEqual({
      sts: 'https://sts.googleapis.com',
      iamcredentials: 'https://iamcredentials.googleapis.com',
      oauth2: 'https://oauth2.googleapis.com',
      secretmanager: address,
    });
  });
});

describe('what a store needs', () => {
  it.each([
    [{}, { who: 'pod', audiences: [AUDIENCE], credentials: [] }],
    [{ auth: {} }, { who: 'pod', audiences: [AUDIENCE] }],
    [
      { auth: { workloadIdentity: { ...CLUSTER, serviceAccountRef: { name: 'reader', namespace: 'vaults' } } } },
      {
        who: 'serviceAccount',
        serviceAccount: { name: 'reader', namespace: 'vaults' },
        audiences: ['acme.svc.id.goog'],
      },
    ],
    [
      { auth: { workloadIdentityFederation: { audience: AUDIENCE, serviceAccountRef: { name: 'reader' } } } },
      { who: 'serviceAccount', serviceAccount: { name: 'reader' }, audiences: [AUDIENCE] },
    ],
    [
      { auth: { secretRef: KEY, workloadIdentity: CLUSTER } },
      { who: 'credentials', audiences: [], credentials: [{ kind: 'Secret', name: 'gcp', key: 'key.json' }] },
    ],
  ])('is, for %j, %o', (block, needs) => {
    expect(needsOf(block)).toMatchObject({ caBundles: [], ...needs });
  });

  it('tells of an annotation that names no Google service account', () => {
    const facts = {
      namespace: 'payments',
      name: 'api',
      uid: 'u',
      annotations: { 'iam.gke.io/gcp-service-account': 'api' },
    };

    const problem = needsOf({}).check?.(facts);

    expect(problem?.line).toBe(
      'the annotation iam.gke.io/gcp-service-account of ServiceAccount payments/api is not the e-mail address of a ' +
        'Google service account. Correct the annotation, or remove it. [IDENTITY_REJECTED]',
    );
  });

  it('asks nothing of a ServiceAccount that Google’s policies name themselves', () => {
    const facts = { namespace: 'payments', name: 'api', uid: 'u', annotations: {} };

    expect(needsOf({}).check?.(facts)).toBeUndefined();
  });
});
