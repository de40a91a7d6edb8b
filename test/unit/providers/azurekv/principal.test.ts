import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { isTenant, principalOf } from '../../../../src/providers/azurekv/principal.ts';
import type { SecretKeySelector } from '../../../../src/providers/provider.ts';
import { CLIENT_ID, TENANT_ID } from '../../../support/open-azure.ts';

const OTHER = '11111111-2222-4333-8444-555555555555';
const SELECTOR: SecretKeySelector = { kind: 'Secret', name: 'azure', key: 'id' };

interface Case {
  readonly clientId?: string;
  readonly tenantId?: string;
  readonly store?: { readonly clientId?: SecretKeySelector; readonly tenantId?: SecretKeySelector };
  readonly storeTenant?: string;
}

function principal({ clientId, tenantId, store = {}, storeTenant }: Case) {
  const annotations = {
    ...(clientId !== undefined && { 'azure.workload.identity/client-id': clientId }),
    ...(tenantId !== undefined && { 'azure.workload.identity/tenant-id': tenantId }),
  };
  const facts = { namespace: 'payments', name: 'api', uid: 'u', annotations };
  return principalOf(facts, { method: 'workloadIdentity', audience: 'a', ...store }, storeTenant);
}

describe('principalOf', () => {
  it.each<readonly [string, Case, object]>([
    ['the annotations', { clientId: CLIENT_ID, tenantId: TENANT_ID }, { clientId: CLIENT_ID, tenantId: TENANT_ID }],
    [
      "the store's tenant before the annotation",
      { clientId: CLIENT_ID, tenantId: OTHER, storeTenant: TENANT_ID },
      { clientId: CLIENT_ID, tenantId: TENANT_ID },
    ],
    [
      'a tenant by its domain',
      { clientId: CLIENT_ID, tenantId: 'acme.onmicrosoft.com' },
      { clientId: CLIENT_ID, tenantId: 'acme.onmicrosoft.com' },
    ],
    [
      'nothing where a Secret holds both',
      { store: { clientId: SELECTOR, tenantId: SELECTOR } },
      { clientId: undefined, tenantId: undefined },
    ],
    [
      'the tenant alone where a Secret holds the client id',
      { tenantId: TENANT_ID, store: { clientId: SELECTOR } },
      { clientId: undefined, tenantId: TENANT_ID },
    ],
  ])('takes %s', (_, given, expected) => {
    expect(principal(given)).toEqual(expected);
  });

  it.each<readonly [string, Case, string]>([
    ['no client id', { tenantId: TENANT_ID }, 'lacks the annotation azure.workload.identity/client-id'],
    [
      'an empty client id',
      { clientId: '', tenantId: TENANT_ID },
      'lacks the annotation azure.workload.identity/client-id',
    ],
    ['a client id that is none', { clientId: 'api', tenantId: TENANT_ID }, 'is no client id'],
    ['two client ids', { clientId: CLIENT_ID, tenantId: TENANT_ID, store: { clientId: SELECTOR } }, 'both the store'],
    ['no tenant', { clientId: CLIENT_ID }, 'neither the store nor ServiceAccount payments/api names a tenant'],
    ['a tenant that leaves its place', { clientId: CLIENT_ID, tenantId: 'x/../y' }, 'is no tenant id'],
  ])('refuses %s', (_, given, message) => {
    const refused = principal(given);

    expect(refused).toBeInstanceOf(LatchkeyError);
    expect(refused).toMatchObject({ code: 'IDENTITY_REJECTED', message: expect.stringContaining(message) });
  });
});

describe('isTenant', () => {
  it.each([
    ['5B9C0F6E-0D0C-4F3A-8F69-0C5C2F8B7A10', true],
    ['acme.onmicrosoft.com', true],
    ['common', false],
    ['..', false],
    ['a..b', false],
    ['acme.com/x', false],
    ['', false],
  ])('takes %s: %s', (text, expected) => {
    expect(isTenant(text)).toBe(expected);
  });
});
