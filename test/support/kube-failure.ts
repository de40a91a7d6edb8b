import { KubeError } from '../../src/kube/client.ts';

/** The KubeError that a request ends in. */
export async function kubeFailure(promise: Promise<unknown>): Promise<KubeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error('the request succeeded');
}
