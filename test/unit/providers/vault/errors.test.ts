import { describe, expect, it } from 'vitest';
import { fromAnswer } from '../../../../src/providers/vault/errors.ts';
import { JsonNumber } from '../../../../src/providers/json.ts';
import type { LoginStep, PathStep, Scene, Step } from '../../../../src/providers/vault/scene.ts';

const SCENE: Scene = { host: 'vault.example.com:8200', namespace: 'admin/team', reader: 'role "api"', token: 'login' };
const READ: PathStep = {
  kind: 'read',
  path: 'secret/data/prod/db',
  secret: { mount: ['secret'], name: ['prod', 'db'] },
};
const LIST: PathStep = { ...READ, kind: 'list', path: 'secret/metadata/prod/' };
const LOGIN: LoginStep = {
  kind: 'login',
  who: 'ServiceAccount payments/api',
  mount: 'auth/kubernetes',
  role: 'api',
  namespace: 'admin/team',
  check: 'bound_service_account_names',
};
const VALIDATE: Step = { kind: 'validate', namespace: 'admin' };

function lineOf(status: number, body: unknown, step: Step = READ, scene: Partial<Scene> = {}): string {
  return fromAnswer({ status, body }, step, { ...SCENE, ...scene }).line;
}

function lost(metadata: object) {
  return { data: { data: null, metadata: { version: new JsonNumber('2'), ...metadata } } };
}

describe('fromAnswer', () => {
  it.each([
    [READ, 403, 'ACCESS_DENIED'],
    [READ, 401, 'IDENTITY_REJECTED'],
    [READ, 404, 'SECRET_NOT_FOUND'],
    [READ, 429, 'PROVIDER_THROTTLED'],
    [LIST, 403, 'ACCESS_DENIED'],
    [LIST, 404, 'SECRET_NOT_FOUND'],
    [LOGIN, 400, 'IDENTITY_REJECTED'],
    [LOGIN, 401, 'IDENTITY_REJECTED'],
    [LOGIN, 403, 'IDENTITY_REJECTED'],
    [LOGIN, 404, 'IDENTITY_REJECTED'],
    [LOGIN, 429, 'PROVIDER_THROTTLED'],
    [VALIDATE, 403, 'IDENTITY_REJECTED'],
    [VALIDATE, 404, 'PROVIDER_UNAVAILABLE'],
    ...[READ, LIST, LOGIN, VALIDATE].flatMap((step) =>
      [307, 412, 418, 472, 473, 500, 501, 502, 503, 504, 599].map(
        (status) => [step, status, 'PROVIDER_UNAVAILABLE'] as const,
      ),
    ),
  ] as const)('reports, at %o, status %i as %s', (step, status, code) => {
    expect(fromAnswer({ status, body: { errors: [] } }, step, SCENE).code).toBe(code);
  });

  it.each([400, 403, 404])('takes a page with status %i for no word of Vault', (status) => {
    const line = lineOf(status, undefined);

    expect(line).toContain(`vault.example.com:8200 answered ${status} in a form that is not Vault's.`);
    expect(line).toContain('[PROVIDER_UNAVAILABLE]');
  });

  it.each([{}, { errors: ['something else'] }, { errors: 'x' }, { message: 'no route' }, [], 'x'])(
    'does not take a 404 with %j for absence',
    (body) => {
      expect(lineOf(404, body)).toContain('[PROVIDER_UNAVAILABLE]');
    },
  );

  it('keeps the time to wait', () => {
    expect(fromAnswer({ status: 503, body: {}, retryAfterMs: 3000 }, READ, SCENE).retryAfterMs).toBe(3000);
  });

  it.each([
    [
      'a refused login',
      lineOf(403, { errors: ['permission denied'] }, LOGIN),
      'Vault refused the login of ServiceAccount payments/api at auth/kubernetes with role "api" (namespace admin/team). ' +
        'Check bound_service_account_names, and that auth/kubernetes is enabled. [IDENTITY_REJECTED]',
    ],
    [
      'a refused read',
      lineOf(403, { errors: ['permission denied'] }),
      'Vault does not let role "api" read "secret/data/prod/db" (namespace admin/team). ' +
        'Add to one of its policies: path "secret/data/prod/db" { capabilities = ["read"] }. [ACCESS_DENIED]',
    ],
    [
      'a refused list',
      lineOf(403, { errors: [] }, LIST, { namespace: '' }),
      'Vault does not let role "api" list "secret/metadata/prod/". ' +
        'Add to one of its policies: path "secret/metadata/prod/*" { capabilities = ["list"] }. [ACCESS_DENIED]',
    ],
    [
      "a refused read with the store's own token",
      lineOf(403, { errors: [] }, READ, {
        namespace: '',
        reader: 'the token in Secret vault (key token)',
        token: 'own',
      }),
      'Vault does not let the token in Secret vault (key token) read "secret/data/prod/db". Check that the token is alive, ' +
        'or add to one of its policies: path "secret/data/prod/db" { capabilities = ["read"] }. [ACCESS_DENIED]',
    ],
    [
      'a token that Vault does not know',
      lineOf(403, { errors: ['2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n'] }, READ, {
        namespace: '',
      }),
      'Vault does not accept the token of role "api" to read "secret/data/prod/db". ' +
        'Check that the token is alive, and spec.provider.vault.auth. [IDENTITY_REJECTED]',
    ],
    [
      'a read without any token, in an older Vault',
      lineOf(400, { errors: ['missing client token'] }, READ, { namespace: '', token: 'none' }),
      'Vault wants a token to read "secret/data/prod/db", and the store has no auth. Set spec.provider.vault.auth, ' +
        'or let the proxy in front of Vault add a token that may do this. [IDENTITY_REJECTED]',
    ],
    [
      'a validation without any token',
      lineOf(403, { errors: [] }, VALIDATE, { namespace: '', token: 'none' }),
      'Vault wants a token, and the store has no auth. Set spec.provider.vault.auth, ' +
        'or let the proxy in front of Vault add a token that may do this. [IDENTITY_REJECTED]',
    ],
    [
      'a missing version',
      lineOf(404, { errors: [] }, { ...READ, version: '9' }, { namespace: '' }),
      'version 9 of "secret/data/prod/db" does not exist in Vault. ' +
        "Write it, correct the key, or set spec.provider.vault.version to the KV engine's. [SECRET_NOT_FOUND]",
    ],
    [
      'a deleted version',
      lineOf(404, lost({ destroyed: false, deletion_time: '2026-11-22T05:42:35.742223967Z' })),
      'version 2 of "secret/data/prod/db" was deleted at 2026-11-22T05:42:35Z. Write a new version, ' +
        'or restore it: vault kv undelete -mount=secret -versions=2 prod/db. [SECRET_NOT_FOUND]',
    ],
    [
      'a destroyed version',
      lineOf(404, lost({ destroyed: true, deletion_time: '' })),
      'version 2 of "secret/data/prod/db" was destroyed. ' +
        'It cannot be restored: write a new version, or ask for another one. [SECRET_NOT_FOUND]',
    ],
    [
      'a path without a mount',
      lineOf(404, { errors: ['no handler for route "kv/data/x". route entry not found.'] }),
      'Vault has nothing mounted at "secret" (namespace admin/team). ' +
        'Correct spec.provider.vault.path, or the first part of the key where the store has no path. [STORE_INVALID]',
    ],
    [
      'a namespace that is not there',
      lineOf(404, { errors: ['namespace not found'] }),
      'Vault has no namespace "admin/team". Correct spec.provider.vault.namespace. [STORE_INVALID]',
    ],
    [
      'an engine of version 2 read as version 1',
      lineOf(404, { data: null, warnings: ['Invalid path for a versioned K/V secrets engine.'] }, READ, {
        namespace: '',
      }),
      'the KV engine at "secret" is of version v2. Set spec.provider.vault.version: v2. [STORE_INVALID]',
    ],
    [
      'a sealed Vault',
      lineOf(503, { errors: ['Vault is sealed'] }),
      "Vault at vault.example.com:8200 is sealed or in maintenance. Look at Vault's state and log. [PROVIDER_UNAVAILABLE]",
    ],
    [
      'a redirect',
      lineOf(307, undefined),
      'Vault at vault.example.com:8200 answered with a redirect (307), and Latchkey follows none. ' +
        'Set spec.provider.vault.server to the active node, or to a load balancer in front of the nodes. [PROVIDER_UNAVAILABLE]',
    ],
  ])('explains %s', (_, line, expected) => {
    expect(line).toBe(expected);
  });
});
