import type { ReviewSummary } from '../admission/admit-review.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type AdmissionEnvelope, subjectOf } from './review-envelope.ts';

/** Tells what became of a review: one log line and two metrics. Neither bodies nor values nor the path reach it. */
export type RecordReview = (envelope: AdmissionEnvelope, summary: ReviewSummary, elapsedMs: number) => void;

export interface AccessLogDeps {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly accessLog: boolean;
}

export function createAccessLog({ log, metrics, accessLog }: AccessLogDeps): RecordReview {
  const reviews = metrics.counter({
    name: 'latchkey_admission_reviews_total',
    help: 'Admission reviews answered, by decision and first error code',
    labels: ['decision', 'code'],
  });
  const seconds = metrics.histogram({
    name: 'latchkey_admission_duration_seconds',
    help: 'Time from a complete AdmissionReview to its answer, by decision',
    labels: ['decision'],
  });

  return (envelope, { decision, codes }, elapsedMs) => {
    reviews.increment({ decision, code: codes[0] ?? '' });
    seconds.observe(elapsedMs / 1000, { decision });
    if (!accessLog) return;
    const durationMs = Math.round(elapsedMs * 100) / 100;
    log.info({ ...subjectOf(envelope), decision, codes, durationMs }, 'review answered');
  };
}
