import { describe, expect, it } from 'vitest';
import { apiPath, LEASES, NAMESPACES, PODS } from '../../../src/kube/paths.ts';

describe('apiPath', () => {
  it.each([
    [PODS, {}, '/api/v1/pods'],
    [PODS, { namespace: 'payments' }, '/api/v1/namespaces/payments/pods'],
    [
      PODS,
      { namespace: 'payments', name: 'api-0', subresource: 'status' },
      '/api/v1/namespaces/payments/pods/api-0/status',
    ],
    [NAMESPACES, { name: 'payments' }, '/api/v1/namespaces/payments'],
    [LEASES, { namespace: 'a', name: 'b' }, '/apis/coordination.k8s.io/v1/namespaces/a/leases/b'],
    [PODS, { namespace: 'a', name: 'b/c?d#e%2f' }, '/api/v1/namespaces/a/pods/b%2Fc%3Fd%23e%252f'],
  ])('addresses %j %j', (resource, place, path) => {
    expect(apiPath(resource, place)).toBe(path);
  });

  it.each(['', '.', '..'])('refuses the name "%s", which would address something else', (name) => {
    expect(() => apiPath(PODS, { namespace: 'payments', name })).toThrow('a name in a path');
  });
});
