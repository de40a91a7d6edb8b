import { describe, expect, it } from 'vitest';
import { createSession, scopePrefix, valueKey } from '../../../src/resolve/session.ts';
import { aStore, type StoreSettings } from '../../support/a-store.ts';
import { testIdentity } from '../../support/test-identity.ts';

const IDENTITY = testIdentity();
const SESSION = createSession(aStore(), IDENTITY);

describe('the scope of a session', () => {
  it('is the same for the same store and identity', () => {
    expect(createSession(aStore(), testIdentity()).scope).toBe(SESSION.scope);
  });

  it.each<[string, StoreSettings]>([
    ['uid', { uid: 'other' }],
    ['generation', { generation: 2 }],
    ['kind', { kind: 'ClusterSecretStore', uid: 'SecretStore-aws-prod' }],
  ])('differs for a store of another %s', (_, settings) => {
    expect(createSession(aStore(settings), IDENTITY).scope).not.toBe(SESSION.scope);
  });

  it('differs for another identity', () => {
    const other = testIdentity({ serviceAccount: { uid: 'other' } });

    expect(createSession(aStore(), other).scope).not.toBe(SESSION.scope);
  });

  it('does not exist for a store with mistakes', () => {
    const { configured: _, ...broken } = aStore();

    expect(() => createSession(broken, IDENTITY)).toThrow(expect.objectContaining({ code: 'STORE_INVALID' }));
  });
});

describe('the key of a value', () => {
  it.each([
    ['key', { key: 'a/b' }],
    ['version', { key: 'a', version: '1' }],
    ['property', { key: 'a', property: 'x' }],
    ['wish for metadata', { key: 'a', metadata: true }],
  ])('differs for another %s', (_, ref) => {
    expect(valueKey(SESSION, ref)).not.toBe(valueKey(SESSION, { key: 'a' }));
  });

  it('begins with the scope, and no key of another scope does', () => {
    const forged = createSession(aStore(), { ...IDENTITY, key: `${IDENTITY.key}\n"` });

    expect(valueKey(SESSION, { key: 'a' }).startsWith(scopePrefix(SESSION))).toBe(true);
    expect(valueKey(forged, { key: 'a' }).startsWith(scopePrefix(SESSION))).toBe(false);
  });
});
