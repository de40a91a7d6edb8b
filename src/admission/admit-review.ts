import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';
import type { Call } from '../identity/store-identity.ts';
import type { Log } from '../log.ts';
import { parseRequest } from './admission-request.ts';
import type { AdmitPod } from './admit-pod.ts';
import { type AdmissionResponse, type Decision, toResponse } from './decision.ts';

/** What the access log and the metrics say about an answer: no names that a reference carries, no values. */
export interface ReviewSummary {
  readonly decision: Decision['kind'];
  /** Error codes of a denial, each once. */
  readonly codes: readonly string[];
}

export interface Admitted {
  readonly response: AdmissionResponse;
  readonly summary: ReviewSummary;
}

/** Answers one AdmissionReview, whose envelope has been checked. Never throws: whatever goes wrong is a denial. */
export type AdmitReview = (review: unknown, call: Call) => Promise<Admitted>;

export function createAdmitReview(admitPod: AdmitPod, log: Log): AdmitReview {
  return createAnswerReview((request, call) => admitPod(parseRequest(request), call), log);
}

/** Decides about the `request` of a review, of which nothing has been read yet. */
export type Decide = (request: Readonly<Record<string, unknown>>, call: Call) => Promise<Decision>;

export function createAnswerReview(decide: Decide, log: Log): AdmitReview {
  return async (review, call) => {
    const decision = await decideOrDeny(review, call);
    return { response: toResponse(decision), summary: { decision: decision.kind, codes: codesOf(decision) } };
  };

  async function decideOrDeny(review: unknown, call: Call): Promise<Decision> {
    const request = isMapping(review) && isMapping(review['request']) ? review['request'] : {};
    try {
      return await decide(request, call);
    } catch (thrown) {
      const problem = LatchkeyError.from(thrown);
      if (problem.fault !== 'internal') return { kind: 'denied', problems: [problem], warnings: [] };
      log.error({ err: thrown, uid: request['uid'] }, 'a review failed unexpectedly');
      // With the log's uid, so that whoever reads the refusal can name the line.
      return { kind: 'denied', problems: [problem.at(`request ${String(request['uid'])}`)], warnings: [] };
    }
  }
}

function codesOf(decision: Decision): readonly string[] {
  return decision.kind === 'denied' ? [...new Set(decision.problems.map(({ code }) => code))] : [];
}
