import { describe, expect, it } from 'vitest';
import { parseFederation } from '../../../../src/providers/gcpsm/federation.ts';
import type { HttpAnswer } from '../../../../src/providers/gcpsm/http.ts';
import { fromLoginAnswer, type LoginStep } from '../../../../src/providers/gcpsm/login-errors.ts';
import { AUDIENCE, GKE_AUDIENCE } from '../../../support/open-gcp.ts';

const who = 'ServiceAccount payments/api';
const EXCHANGE = exchange(AUDIENCE);
const IMPERSONATE: LoginStep = {
  kind: 'impersonate',
  who,
  member: 'serviceAccount:acme.svc.id.goog[payments/api]',
  email: 'api@acme.iam.gserviceaccount.com',
};
const KEY: LoginStep = {
  kind: 'key',
  who: 'api@acme.iam.gserviceaccount.com with the key in Secret gcp (key key.json)',
};

function exchange(audience: string): LoginStep {
  const federation = parseFederation(audience) ?? { tokenAudience: '', audience: '', pool: '' };
  return { kind: 'exchange', who, federation };
}

function answer(status: number, body: unknown): HttpAnswer {
  return { host: 'sts.googleapis.com', status, body: Buffer.from(JSON.stringify(body)) };
}

function oauth(error: string): HttpAnswer {
  return answer(400, { error, error_description: 'eyJhbGciOiJSUzI1NiJ9.words.of-google' });
}

function api(code: number, status: string, reason = 'OTHER'): HttpAnswer {
  return answer(code, { error: { code, status, message: 'words of Google', details: [{ reason }] } });
}

describe('fromLoginAnswer', () => {
  it.each([
    [EXCHANGE, oauth('invalid_grant'), 'IDENTITY_REJECTED'],
    [EXCHANGE, oauth('invalid_target'), 'IDENTITY_REJECTED'],
    [EXCHANGE, oauth('unauthorized_client'), 'IDENTITY_REJECTED'],
    [EXCHANGE, api(403, 'PERMISSION_DENIED', 'SERVICE_DISABLED'), 'ACCESS_DENIED'],
    [IMPERSONATE, api(401, 'UNAUTHENTICATED'), 'IDENTITY_REJECTED'],
    [IMPERSONATE, api(403, 'PERMISSION_DENIED'), 'IDENTITY_REJECTED'],
    [IMPERSONATE, api(404, 'NOT_FOUND'), 'IDENTITY_REJECTED'],
    [KEY, oauth('invalid_grant'), 'IDENTITY_REJECTED'],
    ...[EXCHANGE, IMPERSONATE, KEY].flatMap(
      (step) =>
        [
          [step, api(429, 'RESOURCE_EXHAUSTED'), 'PROVIDER_THROTTLED'],
          [step, api(409, 'ABORTED'), 'PROVIDER_UNAVAILABLE'],
          [step, api(503, 'UNAVAILABLE'), 'PROVIDER_UNAVAILABLE'],
          [step, answer(200, {}), 'PROVIDER_UNAVAILABLE'],
          [step, answer(302, 'moved'), 'PROVIDER_UNAVAILABLE'],
          [step, answer(403, 'forbidden by a proxy'), 'PROVIDER_UNAVAILABLE'],
        ] as const,
    ),
  ] as const)('reports, at %o, %o as %s', (step, said, code) => {
    expect(fromLoginAnswer(said, step, 'acme').code).toBe(code);
  });

  it.each([
    [
      'a refused token',
      EXCHANGE,
      oauth('invalid_grant'),
      `Google's STS refused the token of ServiceAccount payments/api for "${AUDIENCE}". Check the provider's issuer and keys (jwksJson), ` +
        `its allowed audiences (the token's is "${AUDIENCE}"), and its attribute mapping and condition. [IDENTITY_REJECTED]`,
    ],
    [
      'a refused token of a GKE cluster',
      exchange(GKE_AUDIENCE),
      oauth('invalid_grant'),
      `Google's STS refused the token of ServiceAccount payments/api for "${GKE_AUDIENCE}". Check that the cluster has the workload ` +
        'pool acme.svc.id.goog, and its project, location and name in the store. [IDENTITY_REJECTED]',
    ],
    [
      'a provider that does not exist',
      EXCHANGE,
      oauth('invalid_target'),
      `Google's STS refused the token of ServiceAccount payments/api for "${AUDIENCE}": there is no such provider. Check that pool ` +
        'and provider exist and are enabled. [IDENTITY_REJECTED]',
    ],
    [
      'a missing binding',
      IMPERSONATE,
      api(403, 'PERMISSION_DENIED'),
      'Google does not let ServiceAccount payments/api act as api@acme.iam.gserviceaccount.com. Grant it: gcloud iam service-accounts ' +
        'add-iam-policy-binding api@acme.iam.gserviceaccount.com --role=roles/iam.workloadIdentityUser ' +
        "--member='serviceAccount:acme.svc.id.goog[payments/api]'; or correct the annotation iam.gke.io/gcp-service-account of the " +
        'ServiceAccount, or gcpServiceAccountEmail of the store. [IDENTITY_REJECTED]',
    ],
    [
      'a Google service account that does not exist',
      IMPERSONATE,
      api(404, 'NOT_FOUND'),
      'Google does not let ServiceAccount payments/api act as api@acme.iam.gserviceaccount.com: there is no such service account. Correct ' +
        'the annotation iam.gke.io/gcp-service-account of the ServiceAccount, or gcpServiceAccountEmail of the store. [IDENTITY_REJECTED]',
    ],
    [
      'a refused key',
      KEY,
      oauth('invalid_grant'),
      'Google refused api@acme.iam.gserviceaccount.com with the key in Secret gcp (key key.json). Check that the key and the service ' +
        'account exist and are not disabled, and the clock. [IDENTITY_REJECTED]',
    ],
  ])('says of %s whom it refuses, and what to do', (_what, step, said, expected) => {
    expect(fromLoginAnswer(said, step, 'acme').line).toBe(expected);
  });
});
