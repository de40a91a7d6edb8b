import { describe, expect, it } from 'vitest';
import type { IdentityNeed, SecretKeySelector } from '../../../src/providers/provider.ts';
import { isOpenToPods } from '../../../src/stores/open-to-pods.ts';
import { aStore, needs } from '../../support/a-store.ts';

const PLACED: SecretKeySelector = { kind: 'Secret', namespace: 'platform', name: 'keys', key: 'token' };
const PLACELESS: SecretKeySelector = { kind: 'Secret', name: 'keys', key: 'token' };

const cases: readonly (readonly [string, Partial<IdentityNeed>, boolean])[] = [
  ["is read with the Pod's identity", { who: 'pod' }, true],
  ['is read with nothing', { who: 'none' }, true],
  ['names a ServiceAccount without namespace', { who: 'serviceAccount', serviceAccount: { name: 'reader' } }, true],
  [
    "names a ServiceAccount of the Pod's namespace",
    { who: 'serviceAccount', serviceAccount: { name: 'reader', namespace: 'payments' } },
    true,
  ],
  [
    'names a ServiceAccount of another namespace',
    { who: 'serviceAccount', serviceAccount: { name: 'reader', namespace: 'platform' } },
    false,
  ],
  ['names credentials without namespace', { who: 'credentials', credentials: [PLACELESS] }, true],
  ['names credentials of another namespace', { who: 'credentials', credentials: [PLACELESS, PLACED] }, false],
  ["is read with what Latchkey's node has", { who: 'credentials' }, false],
  ["adds credentials of another namespace to the Pod's identity", { who: 'pod', credentials: [PLACED] }, false],
  ['names a CA bundle of another namespace', { who: 'pod', caBundles: [PLACED] }, true],
];

describe('isOpenToPods', () => {
  it.each(cases)('settles for a ClusterSecretStore that %s', (_, need, expected) => {
    const store = aStore({ kind: 'ClusterSecretStore', needs: needs(need) });

    expect(isOpenToPods(store, 'payments')).toBe(expected);
  });

  it('opens a store whose owner opened it', () => {
    const store = aStore({
      kind: 'ClusterSecretStore',
      needs: needs({ who: 'credentials', credentials: [PLACED] }),
      podsAllowed: true,
    });

    expect(isOpenToPods(store, 'payments')).toBe(true);
  });

  it("opens a SecretStore, which only its namespace's own authors made", () => {
    const store = aStore({ kind: 'SecretStore', needs: needs({ who: 'credentials', credentials: [PLACELESS] }) });

    expect(isOpenToPods(store, 'payments')).toBe(true);
  });

  it('keeps a ClusterSecretStore closed whose manifest could not be read', () => {
    const { configured: _, ...broken } = aStore({ kind: 'ClusterSecretStore' });

    expect(isOpenToPods(broken, 'payments')).toBe(false);
  });
});
