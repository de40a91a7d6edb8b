import { KubeError } from '../kube/client.ts';
import { LatchkeyError } from '../errors.ts';

/** What a refused write of `Secret "lk-…"` means for the Pod's author. Foreign messages are not passed on. */
export function fromWriteError(thrown: unknown, title: string): LatchkeyError {
  if (thrown instanceof LatchkeyError) return thrown;
  if (!(thrown instanceof KubeError)) {
    return new LatchkeyError('CLUSTER_UNAVAILABLE', `the API server did not store ${title} in time`, {
      hint: 'The Pod is retried by its controller; a bare Pod must be applied again',
      cause: thrown,
    });
  }
  const { status, reason, retryAfterMs } = thrown;
  if (status === 409) {
    return new LatchkeyError('TARGET_CONFLICT', `${title} exists and belongs to somebody else`, {
      hint: 'Delete or rename that object',
      cause: thrown,
    });
  }
  if (status >= 400 && status < 500 && status !== 429) {
    return new LatchkeyError('WRITE_REFUSED', `the API server refused to store ${title} (${status} ${reason})`, {
      hint: "Check the namespace's quota and its opt-in label, and that Latchkey's rights and fences are as the chart has them",
      cause: thrown,
    });
  }
  return new LatchkeyError('CLUSTER_UNAVAILABLE', `the API server could not store ${title}`, {
    hint: 'The Pod is retried by its controller; a bare Pod must be applied again',
    retryAfterMs,
    cause: thrown,
  });
}
