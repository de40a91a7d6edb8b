import { describe, expect, it } from 'vitest';
import { impersonationOf, isServiceAccountEmail } from '../../../../src/providers/gcpsm/impersonation.ts';

const EMAIL = 'api@acme.iam.gserviceaccount.com';

function annotated(email?: string, delegates?: string) {
  return {
    namespace: 'payments',
    name: 'api',
    uid: 'u',
    annotations: {
      ...(email !== undefined && { 'iam.gke.io/gcp-service-account': email }),
      ...(delegates !== undefined && { 'iam.gke.io/gcp-service-account-delegates': delegates }),
    },
  };
}

describe('impersonationOf', () => {
  it.each([
    [undefined, annotated(), undefined],
    [undefined, annotated(''), undefined],
    [undefined, annotated(EMAIL), { email: EMAIL, delegates: [] }],
    [undefined, annotated(EMAIL, `["${EMAIL}"]`), { email: EMAIL, delegates: [EMAIL] }],
    [undefined, annotated(undefined, 'not read'), undefined],
    [
      'store@acme.iam.gserviceaccount.com',
      annotated(EMAIL),
      { email: 'store@acme.iam.gserviceaccount.com', delegates: [] },
    ],
  ])('is, for a store with %s and %o, %o', (email, serviceAccount, impersonation) => {
    expect(impersonationOf(email, serviceAccount)).toEqual(impersonation);
  });

  it.each([
    [annotated('api'), 'iam.gke.io/gcp-service-account'],
    [annotated(EMAIL, 'x'), 'iam.gke.io/gcp-service-account-delegates'],
    [annotated(EMAIL, '{}'), 'iam.gke.io/gcp-service-account-delegates'],
    [annotated(EMAIL, '["x"]'), 'iam.gke.io/gcp-service-account-delegates'],
  ])('refuses %o', (serviceAccount, annotation) => {
    expect(() => impersonationOf(undefined, serviceAccount)).toThrow(`the annotation ${annotation} of ServiceAccount`);
  });
});

describe('isServiceAccountEmail', () => {
  it.each([
    [EMAIL, true],
    ['42-compute@developer.gserviceaccount.com', true],
    ['api@acme.example.com.iam.gserviceaccount.com', true],
    ['api@acme.example.com', false],
    ['a/b@acme.iam.gserviceaccount.com', false],
    ['api@acme.iam.gserviceaccount.com:x', false],
    ['@acme.iam.gserviceaccount.com', false],
  ])('is %s one: %s', (text, expected) => {
    expect(isServiceAccountEmail(text)).toBe(expected);
  });
});
