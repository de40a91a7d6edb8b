import { describe, expect, it, vi } from 'vitest';
import { validateStore } from '../../../src/controller/validate-store.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import type { IdentityFactory } from '../../../src/identity/store-identity-factory.ts';
import type { IdentityNeed, SecretsClient, StoreIdentity } from '../../../src/providers/provider.ts';
import type { StoreKind } from '../../../src/stores/store.ts';
import { aStore, needs } from '../../support/a-store.ts';
import { testIdentity } from '../../support/test-identity.ts';

const IN_TIME = { signal: new AbortController().signal };
const identity = testIdentity();
const OWN = needs({ who: 'credentials', credentials: [{ kind: 'Secret', name: 'token', key: 'token' }] });

function identityOf(): StoreIdentity {
  return identity;
}

function aClient(client: Partial<SecretsClient> = {}): SecretsClient {
  return { read: () => Promise.reject(new Error('nothing is read')), ...client };
}

function validate(
  connect: () => Promise<SecretsClient>,
  options: { timeoutMs?: number; identityOf?: IdentityFactory } = {},
) {
  const store = aStore({ needs: OWN, configured: { connect } });
  return validateStore(store, { identityOf, timeoutMs: 5000, ...options }, IN_TIME);
}

describe('validateStore', () => {
  it('logs in as the identity that the store names, and out again', async () => {
    const calls: string[] = [];
    const client = aClient({
      validate: async () => void calls.push('validate'),
      close: async () => void calls.push('close'),
    });

    const verdict = await validate(async () => client);

    expect(verdict).toEqual({ status: 'True', reason: 'Valid', message: 'store validated' });
    expect(calls).toEqual(['validate', 'close']);
  });

  it('asks for the identity in the namespace of the store', async () => {
    const factory = vi.fn<IdentityFactory>(identityOf);

    await validate(async () => aClient(), { identityOf: factory });

    expect(factory).toHaveBeenCalledWith(
      expect.objectContaining({ name: 'aws-prod' }),
      expect.objectContaining({ namespace: 'payments' }),
    );
  });

  it('is content with a login where there is no more to prove, also one that cannot be ended', async () => {
    const verdict = await validate(async () => aClient({ close: () => Promise.reject(new Error('revoke failed')) }));

    expect(verdict).toMatchObject({ status: 'True', reason: 'Valid' });
  });

  it('says what is wrong with a manifest in one line, without connecting', async () => {
    const { configured: _, ...store } = aStore();
    const problems = ['spec.provider.a\nb: is none', 'spec.controller: must be a string'];

    const verdict = await validateStore({ ...store, problems }, { identityOf, timeoutMs: 5000 }, IN_TIME);

    expect(verdict).toEqual({
      status: 'False',
      reason: 'InvalidProviderConfig',
      message: 'the store has mistakes: spec.provider.a b: is none; spec.controller: must be a string',
    });
  });

  it('bounds the message', async () => {
    const { configured: _, ...store } = aStore();

    const { message } = await validateStore(
      { ...store, problems: ['x'.repeat(5000)] },
      { identityOf, timeoutMs: 5000 },
      IN_TIME,
    );

    expect(message).toHaveLength(1000);
    expect(message).toMatch(/x…$/);
  });

  const account = { name: 'reader' };
  const credential = { kind: 'Secret', name: 'token', key: 'token' } as const;
  it.each<[StoreKind, IdentityNeed, string]>([
    ['SecretStore', needs({ who: 'pod' }), "each Pod's own ServiceAccount"],
    ['ClusterSecretStore', needs({ who: 'pod' }), "each Pod's own ServiceAccount"],
    [
      'ClusterSecretStore',
      needs({ who: 'serviceAccount', serviceAccount: account }),
      'the ServiceAccount "reader" of each Pod\'s namespace',
    ],
    [
      'ClusterSecretStore',
      needs({ who: 'credentials', credentials: [{ ...credential, namespace: 'ops' }, credential] }),
      'the Secret "token" of each Pod\'s namespace',
    ],
  ])('leaves a %s that differs from Pod to Pod ready: %j', async (kind, need, whose) => {
    const verdict = await validateStore(aStore({ kind, needs: need }), { identityOf, timeoutMs: 5000 }, IN_TIME);

    expect(verdict).toEqual({
      status: 'True',
      reason: 'ValidationUnknown',
      message: `not validated here: read with ${whose}`,
    });
  });

  it.each<[StoreKind, IdentityNeed]>([
    ['SecretStore', needs({ who: 'serviceAccount', serviceAccount: account })],
    ['SecretStore', OWN],
    ['ClusterSecretStore', needs({ who: 'serviceAccount', serviceAccount: { ...account, namespace: 'ops' } })],
    ['ClusterSecretStore', needs({ who: 'none' })],
  ])('validates a %s whose identity is settled: %j', async (kind, need) => {
    const store = aStore({ kind, needs: need, configured: { connect: async () => aClient() } });

    const verdict = await validateStore(store, { identityOf, timeoutMs: 5000 }, IN_TIME);

    expect(verdict).toMatchObject({ reason: 'Valid' });
  });

  it.each([
    ['STORE_INVALID', 'InvalidProviderConfig'],
    ['SERVICE_ACCOUNT_NOT_FOUND', 'InvalidProviderConfig'],
    ['IDENTITY_REJECTED', 'ValidationFailed'],
    ['PROVIDER_UNAVAILABLE', 'ValidationFailed'],
  ] as const)('reports %s as %s', async (code, reason) => {
    const error = new LatchkeyError(code, 'the role does not exist', { hint: 'Create it' });

    const verdict = await validate(() => Promise.reject(error));

    expect(verdict).toEqual({
      status: 'False',
      reason,
      message: `the role does not exist. Create it. [${code}]`,
      error,
    });
  });

  it('reports what the validation itself finds, and closes the client', async () => {
    const close = vi.fn<() => Promise<void>>(async () => {});
    const error = new LatchkeyError('ACCESS_DENIED', 'the token may not be looked up');

    const verdict = await validate(async () => aClient({ validate: () => Promise.reject(error), close }));

    expect(verdict).toMatchObject({ status: 'False', reason: 'ValidationFailed' });
    expect(close).toHaveBeenCalledOnce();
  });

  it('repeats nothing of an error that is not ours', async () => {
    const verdict = await validate(() => Promise.reject(new Error('password k33p0ut is wrong')));

    expect(verdict).toMatchObject({ status: 'False', reason: 'ValidationFailed' });
    expect(verdict.message).not.toContain('k33p0ut');
  });

  it('waits for no provider that hangs', async () => {
    const verdict = await validate(() => new Promise(() => {}), { timeoutMs: 10 });

    expect(verdict).toMatchObject({ status: 'False', error: { code: 'PROVIDER_TIMEOUT' } });
  });
});
