import { describe, expect, it } from 'vitest';
import { nextStatus } from '../../../../src/controller/cluster-external-secret/next-status.ts';

const DONE = { externalSecretName: 'tls', provisionedNamespaces: ['b', 'a'], failedNamespaces: [] };
const FAILURE = { namespace: 'c', reason: 'external secret already exists in namespace' };

describe('nextStatus', () => {
  it('says where it stands, in order, and that it is ready', () => {
    expect(nextStatus(undefined, DONE)).toEqual({
      externalSecretName: 'tls',
      provisionedNamespaces: ['a', 'b'],
      failedNamespaces: null,
      conditions: [{ type: 'Ready', status: 'True' }],
    });
  });

  it('is ready where no namespace is selected', () => {
    const status = nextStatus({}, { ...DONE, provisionedNamespaces: [] });

    expect(status).toMatchObject({ provisionedNamespaces: null, conditions: [{ status: 'True' }] });
  });

  it("says in External Secrets' words that namespaces failed, and why each did", () => {
    const failedNamespaces = [{ namespace: 'd', reason: 'x' }, FAILURE];

    const status = nextStatus(undefined, { ...DONE, failedNamespaces });

    expect(status).toMatchObject({
      failedNamespaces: [FAILURE, { namespace: 'd', reason: 'x' }],
      conditions: [{ type: 'Ready', status: 'False', message: 'one or more namespaces failed' }],
    });
  });

  it('keeps conditions of others', () => {
    const other = { type: 'Deleted', status: 'False' };

    const status = nextStatus({ conditions: [{ type: 'Ready', status: 'False', message: 'old' }, other] }, DONE);

    expect(status?.['conditions']).toEqual([other, { type: 'Ready', status: 'True' }]);
  });

  it.each([
    ['as External Secrets stores it', { conditions: [{ type: 'Ready', status: 'True' }] }],
    ['with a time', { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] }],
  ])('is nothing where all is said already, %s', (_title, { conditions }) => {
    const before = { externalSecretName: 'tls', provisionedNamespaces: ['a', 'b'], conditions };

    expect(nextStatus(before, DONE)).toBeUndefined();
  });
});
