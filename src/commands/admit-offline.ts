import type { AdmitReview, ReviewSummary } from '../admission/admit-review.ts';
import type { AdmissionResponse } from '../admission/decision.ts';
import { isMapping } from '../fields.ts';
import { jsonPatched } from '../kube/memory/patches.ts';
import type { Manifest } from './manifest.ts';
import { reviewOf } from './offline.ts';

export interface OfflineAnswer {
  readonly response: AdmissionResponse;
  readonly summary: ReviewSummary;
  /** As it would be stored; `undefined` where it was refused. */
  readonly pod: Manifest | undefined;
}

const DEADLINE_MS = 10_000;

/** Sends the review that the API server would send, and applies the patch as it would. */
export async function admitOffline(admit: AdmitReview, pod: Manifest, dryRun: boolean): Promise<OfflineAnswer> {
  const review = reviewOf(pod, '00000000-0000-4000-8000-000000000000', dryRun);
  const { response, summary } = await admit(review, { signal: AbortSignal.timeout(DEADLINE_MS) });
  return { response, summary, pod: response.allowed ? applyPatch(pod, response.patch) : undefined };
}

export function applyPatch(pod: Manifest, patch: string | undefined): Manifest {
  if (patch === undefined) return pod;
  const operations: unknown = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
  const patched = jsonPatched(pod, operations);
  return isMapping(patched) ? patched : pod;
}
