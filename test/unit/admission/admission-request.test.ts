import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/admission/admission-request.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import { aPod } from '../../support/a-pod.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };

function aRequest(settings: object = {}) {
  return { uid: 'u-1', namespace: 'payments', operation: 'CREATE', resource: PODS, object: aPod(), ...settings };
}

describe('parseRequest', () => {
  it('reads the creation of a Pod', () => {
    expect(parseRequest(aRequest({ dryRun: true }))).toEqual({
      uid: 'u-1',
      namespace: 'payments',
      operation: 'CREATE',
      subResource: '',
      dryRun: true,
      object: aPod(),
      oldObject: undefined,
    });
  });

  it('reads the update that adds ephemeral containers', () => {
    const request = aRequest({ operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject: { old: true } });

    expect(parseRequest(request)).toMatchObject({ subResource: 'ephemeralcontainers', oldObject: { old: true } });
  });

  it.each([
    ['no dryRun', {}],
    ['dryRun: null', { dryRun: null }],
    ['dryRun as a text', { dryRun: 'true' }],
  ])('takes a request with %s for a real one', (_title, settings) => {
    expect(parseRequest(aRequest(settings)).dryRun).toBe(false);
  });

  it.each([
    ['another resource', { resource: { ...PODS, resource: 'deployments' } }],
    ['pods of another group', { resource: { ...PODS, group: 'metrics.k8s.io' } }],
    ['no resource', { resource: undefined }],
    ['the update of a Pod', { operation: 'UPDATE' }],
    ['the creation of a subresource', { subResource: 'binding' }],
    ['a deletion', { operation: 'DELETE', object: null }],
    ['no namespace', { namespace: '' }],
    ['a Pod that is no object', { object: [] }],
  ])('refuses %s', (_title, settings) => {
    expect(() => parseRequest(aRequest(settings))).toThrow(LatchkeyError);
    expect(() => parseRequest(aRequest(settings))).toThrow('the review is of no Pod being created');
  });
});
