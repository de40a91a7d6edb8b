import { LatchkeyError } from '../errors.ts';
import { KubeError } from '../kube/client.ts';
import type { Target, TargetPlace } from './target.ts';

/** What a refused write of a target means for the ExternalSecret's author, at External Secrets' words for it. */
export function fromTargetError(thrown: unknown, target: TargetPlace & Partial<Target>): LatchkeyError {
  if (thrown instanceof LatchkeyError) return thrown;
  const title = `Secret "${target.name}"`;
  const { status = 0, fields = [], retryAfterMs } = thrown instanceof KubeError ? thrown : {};
  const isSealed = status === 422 && fields.some((field) => field.startsWith('data'));
  if (isSealed) return immutable(title, thrown);
  if (status === 422 && fields.includes('type')) return otherType(title, target.type ?? 'Opaque', thrown);
  if (status === 409) {
    return new LatchkeyError('CLUSTER_UNAVAILABLE', `${title} was changed by somebody else in the same moment`, {
      where: UPDATE,
      hint: 'It is tried again',
      cause: thrown,
    });
  }
  if (status >= 400 && status < 500 && status !== 429) {
    const reason = thrown instanceof KubeError ? thrown.reason : '';
    return new LatchkeyError(
      'WRITE_REFUSED',
      `the API server refused to store ${title} (${[status, reason].join(' ')})`,
      {
        where: UPDATE,
        hint: "Check the Secret's name and keys, the namespace's quota and opt-in label, and that Latchkey's rights and fences are as the chart has them",
        cause: thrown,
      },
    );
  }
  return new LatchkeyError('CLUSTER_UNAVAILABLE', `the API server did not store ${title}`, {
    where: UPDATE,
    hint: 'It is tried again',
    retryAfterMs,
    cause: thrown,
  });
}

const UPDATE = 'could not update secret';

function immutable(title: string, cause: unknown): LatchkeyError {
  return new LatchkeyError('WRITE_REFUSED', `${title} cannot be changed any more`, {
    where: 'could not update secret, target is immutable',
    hint: 'Delete it, and it is made again with the new values',
    cause,
  });
}

function otherType(title: string, type: string, cause: unknown): LatchkeyError {
  return new LatchkeyError('WRITE_REFUSED', `${title} has another type than ${type}, and Kubernetes changes no type`, {
    where: UPDATE,
    hint: 'Delete it, and it is made again with the new type',
    cause,
  });
}
