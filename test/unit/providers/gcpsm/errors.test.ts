import { describe, expect, it } from 'vitest';
import { fromAnswer } from '../../../../src/providers/gcpsm/errors.ts';
import type { HttpAnswer } from '../../../../src/providers/gcpsm/http.ts';
import type { Scene, Step } from '../../../../src/providers/gcpsm/scene.ts';

const SCENE: Scene = {
  project: 'acme',
  location: undefined,
  reader: { who: 'ServiceAccount payments/api', member: 'serviceAccount:acme.svc.id.goog[payments/api]' },
};
const REGIONAL: Scene = { ...SCENE, location: 'europe-west3' };
const VALUE: Step = { kind: 'value', key: 'db', version: 'latest' };
const LIST: Step = { kind: 'list' };
const FOREIGN = 'words of Google';

function answer(status: number, body: unknown): HttpAnswer {
  return { host: 'secretmanager.googleapis.com', status, body: Buffer.from(JSON.stringify(body)) };
}

function complaint(code: number, status: string, reason?: string, message = FOREIGN): HttpAnswer {
  const details = reason === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }];
  return answer(code, { error: { code, status, message, details } });
}

function lineOf(said: HttpAnswer, step: Step = VALUE, scene: Scene = SCENE): string {
  return fromAnswer(said, step, scene).line;
}

describe('fromAnswer', () => {
  it.each([
    [401, 'UNAUTHENTICATED', 'IDENTITY_REJECTED'],
    [403, 'PERMISSION_DENIED', 'ACCESS_DENIED'],
    [404, 'NOT_FOUND', 'SECRET_NOT_FOUND'],
    [400, 'INVALID_ARGUMENT', 'REF_INVALID'],
    [400, 'FAILED_PRECONDITION', 'PROVIDER_UNAVAILABLE'],
    [409, 'ABORTED', 'PROVIDER_UNAVAILABLE'],
    [429, 'RESOURCE_EXHAUSTED', 'PROVIDER_THROTTLED'],
    [499, 'CANCELLED', 'PROVIDER_UNAVAILABLE'],
    [500, 'INTERNAL', 'PROVIDER_UNAVAILABLE'],
    [501, 'UNIMPLEMENTED', 'PROVIDER_UNAVAILABLE'],
    [503, 'UNAVAILABLE', 'PROVIDER_UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED', 'PROVIDER_TIMEOUT'],
  ])('reports %i %s as %s', (code, status, expected) => {
    const error = fromAnswer(complaint(code, status), VALUE, SCENE);

    expect(error.code).toBe(expected);
    expect(error.line).not.toContain(FOREIGN);
    expect(error.hint).toBeDefined();
  });

  it.each([301, 307, 400, 401, 403, 404, 418])('takes a page with status %i for no word of Google', (status) => {
    const line = lineOf({ host: 'proxy', status, body: Buffer.from('<html>') });

    expect(line).toContain(`proxy answered ${status} in a form that is not Google's.`);
    expect(line).toContain('[PROVIDER_UNAVAILABLE]');
  });

  it.each([{}, { error: {} }, { error: { message: 'x' } }, { message: 'no route' }, [], 'x'])(
    'does not take a 404 with %j for absence',
    (body) => {
      expect(lineOf(answer(404, body))).toContain('[PROVIDER_UNAVAILABLE]');
    },
  );

  it('does not take a list that is not found for an absent secret', () => {
    expect(lineOf(complaint(404, 'NOT_FOUND'), LIST)).toContain('[PROVIDER_UNAVAILABLE]');
  });

  it.each([
    [{ ...complaint(429, 'RESOURCE_EXHAUSTED'), retryAfterMs: 3000 }, 3000],
    [answer(429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '1.5s' }] } }), 1500],
    [complaint(429, 'RESOURCE_EXHAUSTED'), undefined],
  ])('keeps the time to wait', (said, expected) => {
    expect(fromAnswer(said, VALUE, SCENE).retryAfterMs).toBe(expected);
  });

  it('shows no word of Google’s that is no name of an API or a project', () => {
    const metadata = { service: `${FOREIGN}.googleapis.com`, consumer: `projects/${FOREIGN}` };
    const body = {
      error: { code: 403, status: 'PERMISSION_DENIED', details: [{ reason: 'SERVICE_DISABLED', metadata }] },
    };

    expect(lineOf(answer(403, body))).not.toContain(FOREIGN);
  });

  it.each([
    [
      'a refused value',
      lineOf(complaint(403, 'PERMISSION_DENIED', 'IAM_PERMISSION_DENIED')),
      'Google does not let ServiceAccount payments/api read "db" in project "acme", or there is no such secret. Grant ' +
        "secretmanager.versions.access: gcloud secrets add-iam-policy-binding db --project=acme --role=roles/secretmanager.secretAccessor --member='serviceAccount:acme.svc.id.goog[payments/api]'. [ACCESS_DENIED]",
    ],
    [
      'refused metadata of a regional secret',
      lineOf(complaint(403, 'PERMISSION_DENIED'), { kind: 'metadata', key: 'db' }, REGIONAL),
      'Google does not let ServiceAccount payments/api read the metadata of "db" in europe-west3 of project "acme", or there is no such secret. Grant ' +
        "secretmanager.secrets.get: gcloud secrets add-iam-policy-binding db --project=acme --location=europe-west3 --role=roles/secretmanager.viewer --member='serviceAccount:acme.svc.id.goog[payments/api]'. [ACCESS_DENIED]",
    ],
    [
      'a refused list',
      lineOf(complaint(403, 'PERMISSION_DENIED'), LIST),
      'Google does not let ServiceAccount payments/api list the secrets in project "acme". Grant ' +
        "secretmanager.secrets.list: gcloud projects add-iam-policy-binding acme --role=roles/secretmanager.viewer --member='serviceAccount:acme.svc.id.goog[payments/api]'. [ACCESS_DENIED]",
    ],
    [
      'an API that is off',
      lineOf(complaint(403, 'PERMISSION_DENIED', 'SERVICE_DISABLED')),
      'secretmanager.googleapis.com is not enabled for project "acme". Enable it: gcloud services enable secretmanager.googleapis.com --project=acme. [ACCESS_DENIED]',
    ],
    [
      'a project that does not exist',
      lineOf(complaint(403, 'PERMISSION_DENIED', 'CONSUMER_INVALID')),
      'secretmanager.googleapis.com knows no project "acme". Correct spec.provider.gcpsm.projectID. [ACCESS_DENIED]',
    ],
    [
      'an absent version',
      lineOf(complaint(404, 'NOT_FOUND'), { ...VALUE, version: '7' }),
      'version 7 of "db" does not exist in project "acme". Create it, or correct the key and the version; regional secrets need spec.provider.gcpsm.location. [SECRET_NOT_FOUND]',
    ],
    [
      'a disabled version',
      lineOf(
        complaint(
          400,
          'FAILED_PRECONDITION',
          undefined,
          'Secret Version [projects/42/secrets/db/versions/4] is in DISABLED state.',
        ),
      ),
      'version 4 of "db" is disabled. Add a new version, or enable it: gcloud secrets versions enable 4 --secret=db --project=acme. [SECRET_NOT_FOUND]',
    ],
    [
      'a destroyed version',
      lineOf(complaint(400, 'FAILED_PRECONDITION', undefined, 'it is in DESTROYED state.'), { ...VALUE, version: '4' }),
      'version 4 of "db" is destroyed. It cannot be restored: add a new version, or ask for another one. [SECRET_NOT_FOUND]',
    ],
    [
      'an expired token',
      lineOf(complaint(401, 'UNAUTHENTICATED')),
      'Google no longer accepts the token of ServiceAccount payments/api to read "db" in project "acme". Check that serviceAccount:acme.svc.id.goog[payments/api] exists and is not disabled. [IDENTITY_REJECTED]',
    ],
  ])('says of %s whom it refuses what, and what to do', (_what, line, expected) => {
    expect(line).toBe(expected);
  });
});
