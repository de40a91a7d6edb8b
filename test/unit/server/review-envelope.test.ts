import { describe, expect, it } from 'vitest';
import { parseEnvelope, subjectOf, toEnvelopeText } from '../../../src/server/review-envelope.ts';

const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'payments',
    operation: 'CREATE',
    dryRun: true,
    object: { metadata: { generateName: 'api-' }, spec: { containers: [{ env: [{ value: 'hunter2' }] }] } },
  },
};

describe('parseEnvelope', () => {
  it('reads the uid and keeps the review as it is', () => {
    expect(parseEnvelope(JSON.stringify(REVIEW))).toEqual({ uid: 'u-1', review: REVIEW, request: REVIEW.request });
  });

  it('keeps a __proto__ key as a key of its own', () => {
    const body = JSON.stringify(REVIEW).replace('"dryRun"', '"__proto__":{"polluted":true},"dryRun"');

    const envelope = parseEnvelope(body);

    expect(envelope).toHaveProperty('uid', 'u-1');
    expect('request' in envelope && Object.hasOwn(envelope.request, '__proto__')).toBe(true);
    expect('request' in envelope && envelope.request['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['', 'the body is no JSON object'],
    ['{"secret":"hunter2"', 'the body is no JSON object'],
    ['[]', 'the body is no JSON object'],
    ['null', 'the body is no JSON object'],
    ['{"apiVersion":"hunter2"}', 'the body is no AdmissionReview of admission.k8s.io/v1'],
    [
      JSON.stringify({ ...REVIEW, apiVersion: 'admission.k8s.io/v1beta1' }),
      'the body is no AdmissionReview of admission.k8s.io/v1',
    ],
    [JSON.stringify({ ...REVIEW, request: undefined }), 'the AdmissionReview has no request'],
    [JSON.stringify({ ...REVIEW, request: { uid: '' } }), 'the request of the AdmissionReview has no uid'],
  ])('says what is wrong with %s without quoting it', (body, problem) => {
    expect(parseEnvelope(body)).toEqual({ problem });
  });
});

describe('subjectOf', () => {
  function subject(request: object) {
    return subjectOf({ uid: 'u-1', review: {}, request: { ...request } });
  }

  it('names what is reviewed and nothing of its content', () => {
    expect(subject(REVIEW.request)).toEqual({
      uid: 'u-1',
      operation: 'CREATE',
      kind: 'Pod',
      namespace: 'payments',
      name: 'api-*',
      dryRun: true,
    });
  });

  it('prefers the name that the request carries, and names the subresource', () => {
    const { name, kind } = subject({ ...REVIEW.request, name: 'api-0', subResource: 'ephemeralcontainers' });

    expect({ name, kind }).toEqual({ name: 'api-0', kind: 'Pod/ephemeralcontainers' });
  });

  it('cuts what nobody should have written', () => {
    expect(subject({ namespace: 'x'.repeat(10_000), kind: 'Pod', object: [] })).toMatchObject({
      namespace: 'x'.repeat(253),
      kind: '',
      name: '',
    });
  });
});

it('answers with the uid of the request whatever the response holds', () => {
  const text = toEnvelopeText('u-1', { allowed: true, uid: 'another' });

  expect(JSON.parse(text)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u-1', allowed: true },
  });
});
