import { describe, expect, it } from 'vitest';
import { parseValidationRequest } from '../../../src/admission/validation-request.ts';

const KIND = { group: 'external-secrets.io', version: 'v1beta1', kind: 'ExternalSecret' };
const OBJECT = { metadata: { name: 'db' }, spec: { data: [] } };

function parse(request: object = {}) {
  return parseValidationRequest({
    uid: 'u-1',
    operation: 'CREATE',
    kind: KIND,
    namespace: 'payments',
    object: OBJECT,
    ...request,
  });
}

describe('parseValidationRequest', () => {
  it('reads what is applied', () => {
    expect(parse()).toEqual({
      uid: 'u-1',
      manifest: {
        apiVersion: 'external-secrets.io/v1beta1',
        kind: 'ExternalSecret',
        namespace: 'payments',
        name: 'db',
        spec: { data: [] },
      },
      isSettled: false,
    });
  });

  it('reads what belongs to no namespace, and has no name yet', () => {
    const { manifest } = parse({
      kind: { ...KIND, kind: 'ClusterSecretStore' },
      namespace: undefined,
      object: { metadata: { generateName: 'aws-' }, spec: {} },
    });

    expect(manifest).toMatchObject({ kind: 'ClusterSecretStore', namespace: '', name: 'aws-*' });
  });

  it.each([
    ['an update of the spec', { operation: 'UPDATE', oldObject: { ...OBJECT, spec: { data: [1] } } }, false],
    ['an update of anything else', { operation: 'UPDATE', oldObject: { ...OBJECT, metadata: { labels: {} } } }, true],
    [
      'an update of what is being deleted',
      { operation: 'UPDATE', object: { ...OBJECT, metadata: { name: 'db', deletionTimestamp: 'now' } } },
      true,
    ],
  ])('says of %s whether nothing is left to check', (_title, request, expected) => {
    expect(parse(request).isSettled).toBe(expected);
  });

  it.each([
    ['a deletion', { operation: 'DELETE' }],
    ['a Pod', { kind: { group: '', version: 'v1', kind: 'Pod' } }],
    ["another group's kind", { kind: { ...KIND, group: 'example.com' } }],
    ['a kind that is not ours to check', { kind: { ...KIND, kind: 'PushSecret' } }],
    ['no object', { object: null }],
    ['no kind', { kind: undefined }],
  ])('refuses the review of %s', (_title, request) => {
    expect(() => parse(request)).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
  });
});
