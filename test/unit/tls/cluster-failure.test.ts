import { expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { KubeError } from '../../../src/kube/client.ts';
import { clusterFailure } from '../../../src/tls/cluster-failure.ts';

it.each([
  [new KubeError(403, 'Forbidden', 'x'), 'ACCESS_DENIED', 'the API server does not let us read or write Secret a/b'],
  [new KubeError(401, 'Unauthorized', 'x'), 'ACCESS_DENIED', 'the API server does not let us read or write Secret a/b'],
  [new KubeError(0, 'Unreachable', 'x'), 'CLUSTER_UNAVAILABLE', 'the API server did not answer about Secret a/b'],
  [new KubeError(409, 'Conflict', 'x'), 'CLUSTER_UNAVAILABLE', 'the API server answered 409 Conflict about Secret a/b'],
  [new LatchkeyError('TARGET_CONFLICT', 'not ours'), 'TARGET_CONFLICT', 'not ours'],
  [new TypeError('hunter2'), 'INTERNAL', 'unexpected failure'],
])('translates %s', (thrown, code, message) => {
  expect(clusterFailure(thrown, 'Secret a/b')).toMatchObject({ code, message });
});
