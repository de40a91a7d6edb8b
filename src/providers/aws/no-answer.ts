import type { LatchkeyError } from '../../errors.ts';
import { cloudNoAnswer } from '../cloud-no-answer.ts';
import type { Scene } from './scene.ts';

const noAddressHint = "Check spec.provider.aws.region and the cluster's DNS";

/** A request that got no answer, or none in AWS's form. */
export function noAnswer(
  error: unknown,
  status: number | undefined,
  { service, host }: Scene,
  signal: AbortSignal,
): LatchkeyError {
  const says =
    status === undefined
      ? "gave no answer in AWS's form"
      : `answered ${status} in a form that is not known to be AWS's`;
  const hint = 'Check what answers there: a proxy, a private endpoint, another service';
  const title = `AWS ${service} at ${host}`;
  return cloudNoAnswer(error, { cloud: 'AWS', title, noAddressHint }, signal, { says, hint });
}
