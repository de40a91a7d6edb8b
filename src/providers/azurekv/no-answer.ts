import type { LatchkeyError } from '../../errors.ts';
import { cloudNoAnswer } from '../cloud-no-answer.ts';

const noAddressHint =
  "Check that the name in spec.provider.azurekv.vaultUrl is right and that the vault was not deleted; and the cluster's DNS";

/** A request that got no answer: the deadline, or a network error. */
export function noAnswer(error: unknown, host: string, signal: AbortSignal): LatchkeyError {
  return cloudNoAnswer(error, { cloud: 'Azure', title: host, noAddressHint }, signal);
}
