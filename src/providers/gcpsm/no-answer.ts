import type { LatchkeyError } from '../../errors.ts';
import { cloudNoAnswer } from '../cloud-no-answer.ts';

const noAddressHint = "Check spec.provider.gcpsm.location and the cluster's DNS";

/** A request that got no answer: the deadline, or a network error. */
export function noAnswer(error: unknown, host: string, signal: AbortSignal): LatchkeyError {
  return cloudNoAnswer(error, { cloud: 'Google', title: host, noAddressHint }, signal);
}
