import { LatchkeyError } from '../errors.ts';
import { KubeError } from '../kube/client.ts';

/** What the API server answered about one of our own objects, for the log. */
export function clusterFailure(error: unknown, what: string): LatchkeyError {
  if (!(error instanceof KubeError)) return LatchkeyError.from(error);
  if (error.status === 401 || error.status === 403) {
    return new LatchkeyError('ACCESS_DENIED', `the API server does not let us read or write ${what}`, {
      hint: "Compare the Roles of Latchkey's ServiceAccount with the chart's",
      cause: error,
    });
  }
  const answer = error.status === 0 ? 'did not answer' : `answered ${error.status} ${error.reason}`;
  return new LatchkeyError('CLUSTER_UNAVAILABLE', `the API server ${answer} about ${what}`, {
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}
