import { type KubeClient, KubeError, type KubeRequest } from '../../src/kube/client.ts';

export interface FakeKube extends KubeClient {
  readonly requests: readonly KubeRequest[];
}

/** Answers each request with what `answer` gives: an object, or a status of 400 or more as a number. */
export function fakeKube(answer: (request: KubeRequest) => unknown): FakeKube {
  const requests: KubeRequest[] = [];
  return {
    requests,
    async request(request) {
      requests.push(request);
      const answered = answer(request);
      if (typeof answered === 'number') throw new KubeError(answered, 'Refused', `${request.method} was refused`);
      return answered;
    },
    watch() {
      throw new Error('nothing is watched here');
    },
  };
}
