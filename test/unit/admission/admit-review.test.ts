import { describe, expect, it } from 'vitest';
import { createAdmitReview } from '../../../src/admission/admit-review.ts';
import type { AdmitPod } from '../../../src/admission/admit-pod.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import { aPod } from '../../support/a-pod.ts';
import { captureLog } from '../../support/captured-log.ts';

const CALL = { signal: new AbortController().signal };

function aReview() {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  return { request: { uid: 'u-1', namespace: 'payments', operation: 'CREATE', resource, object: aPod() } };
}

function admit(review: unknown, admitPod: AdmitPod) {
  const captured = captureLog();
  return { answer: createAdmitReview(admitPod, captured.log)(review, CALL), captured };
}

describe('createAdmitReview', () => {
  it('hands the request on and summarizes the answer', async () => {
    const { answer } = admit(aReview(), async (request) => ({ kind: 'unchanged', warnings: [request.namespace] }));

    expect(await answer).toEqual({
      response: { allowed: true, warnings: ['payments'] },
      summary: { decision: 'unchanged', codes: [] },
    });
  });

  it('summarizes a denial by its codes, each once', async () => {
    const problems = [
      new LatchkeyError('BUSY', 'a'),
      new LatchkeyError('BUSY', 'b'),
      new LatchkeyError('REF_INVALID', 'c'),
    ];
    const { answer, captured } = admit(aReview(), async () => ({ kind: 'denied', problems, warnings: [] }));

    expect((await answer).summary).toEqual({ decision: 'denied', codes: ['BUSY', 'REF_INVALID'] });
    expect(captured.lines).toEqual([]);
  });

  it.each([undefined, null, 'review', [], {}, { request: null }, { request: { object: 7 } }])(
    'denies what is no review: %j',
    async (review) => {
      const { answer } = admit(review, () => Promise.reject(new Error('not reached')));

      expect((await answer).summary).toEqual({ decision: 'denied', codes: ['MANIFEST_INVALID'] });
    },
  );

  it('denies with the error that was thrown', async () => {
    const { answer, captured } = admit(aReview(), () => Promise.reject(new LatchkeyError('OWNER_INVALID', 'no')));

    expect((await answer).response).toMatchObject({ allowed: false, status: { message: 'no. [OWNER_INVALID]' } });
    expect(captured.lines).toEqual([]);
  });

  it('logs a failure of ours without the words of its error, and tells nobody more than that it happened', async () => {
    const { answer, captured } = admit(aReview(), () => Promise.reject(new TypeError('hunter2 is not a function')));

    const { response, summary } = await answer;

    expect(summary).toEqual({ decision: 'denied', codes: ['INTERNAL'] });
    expect(response.status?.code).toBe(500);
    expect(response.status?.message).toMatch(/^request u-1: unexpected failure\./);
    expect(captured.lines).toMatchObject([
      { msg: 'a review failed unexpectedly', uid: 'u-1', err: { cause: 'TypeError' } },
    ]);
    expect(JSON.stringify(response) + captured.text()).not.toContain('hunter2');
  });
});
