import { describe, expect, it } from 'vitest';
import { fromAnswer, mayReadNothing } from '../../../../src/providers/kubernetes/errors.ts';
import type { Scene, Step } from '../../../../src/providers/kubernetes/scene.ts';

const SCENE: Scene = {
  host: 'api.example.com:6443',
  namespace: 'prod',
  principal: {
    title: 'ServiceAccount payments/api',
    subject: '--user=system:serviceaccount:payments:api',
    bindIn: "that cluster, with the prefix that it gives this cluster's users",
    check: 'the audience',
  },
};
const GET: Step = { kind: 'get', name: 'db' };
const LIST: Step = { kind: 'list' };
const REVIEW: Step = { kind: 'review' };
const STATUS = { kind: 'Status', reason: 'NotFound', details: { kind: 'secrets', name: 'db' } };

function lineOf(status: number, body: object | undefined, step: Step = GET): string {
  return fromAnswer({ status, body: body as Record<string, unknown> | undefined }, step, SCENE).line;
}

describe('fromAnswer', () => {
  it.each([
    [GET, 401, 'IDENTITY_REJECTED'],
    [GET, 403, 'ACCESS_DENIED'],
    [GET, 404, 'SECRET_NOT_FOUND'],
    [GET, 429, 'PROVIDER_THROTTLED'],
    [LIST, 403, 'ACCESS_DENIED'],
    [LIST, 404, 'PROVIDER_UNAVAILABLE'],
    [LIST, 410, 'PROVIDER_UNAVAILABLE'],
    [REVIEW, 401, 'IDENTITY_REJECTED'],
    [REVIEW, 403, 'ACCESS_DENIED'],
    [REVIEW, 404, 'PROVIDER_UNAVAILABLE'],
    ...[200, 204, 307, 400, 406, 418, 500, 502, 503, 504].map(
      (status) => [GET, status, 'PROVIDER_UNAVAILABLE'] as const,
    ),
  ] as const)('reports, at %o, status %i as %s', (step, status, code) => {
    expect(fromAnswer({ status, body: STATUS }, step, SCENE).code).toBe(code);
  });

  it('says who may not read which Secret, and which Role to apply', () => {
    expect(lineOf(403, STATUS)).toBe(
      'the API server at api.example.com:6443 does not let ServiceAccount payments/api get secrets "db" in namespace "prod". ' +
        "Run in that cluster, with the prefix that it gives this cluster's users: " +
        'kubectl create role read-db -n prod --verb=get --resource-name=db --resource=secrets; ' +
        'kubectl create rolebinding read-db -n prod --role=read-db --user=system:serviceaccount:payments:api. [ACCESS_DENIED]',
    );
  });

  it('asks for both verbs where Secrets are searched', () => {
    expect(lineOf(403, STATUS, LIST)).toContain('--verb=get,list --resource=secrets;');
  });

  it('takes an anonymous caller for one that was not believed', () => {
    const message = 'secrets "db" is forbidden: User "system:anonymous" cannot get resource "secrets"';

    expect(lineOf(403, { ...STATUS, message })).toBe(
      'the API server at api.example.com:6443 does not accept ServiceAccount payments/api. Check the audience. [IDENTITY_REJECTED]',
    );
  });

  it.each([
    ['a page', undefined],
    ['a path that is not there', { kind: 'Status', reason: 'NotFound', details: {} }],
    ['another Secret', { ...STATUS, details: { kind: 'secrets', name: 'other' } }],
    ['another kind', { ...STATUS, details: { kind: 'namespaces', name: 'db' } }],
  ])('takes a 404 of %s for no absence', (_, body) => {
    expect(lineOf(404, body)).toContain("answered 404 in a form that is not Kubernetes'");
  });

  it('takes a 403 of a proxy for no word of the API server', () => {
    expect(lineOf(403, undefined)).toContain('[PROVIDER_UNAVAILABLE]');
  });

  it('repeats none of the words that came', () => {
    const body = { ...STATUS, message: 'hunter2', details: { ...STATUS.details, uid: 'hunter2' } };

    const lines = [401, 403, 404, 429, 500].map((status) => lineOf(status, body));

    expect(lines.join()).not.toContain('hunter2');
  });

  it('passes on how long to wait', () => {
    expect(fromAnswer({ status: 503, body: STATUS, retryAfterMs: 1000 }, GET, SCENE).retryAfterMs).toBe(1000);
  });
});

describe('mayReadNothing', () => {
  it('names a Role for the namespace', () => {
    expect(mayReadNothing(SCENE).line).toContain(
      'kubectl create role read-secrets -n prod --verb=get --resource=secrets;',
    );
  });
});
