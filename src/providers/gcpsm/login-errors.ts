import { LatchkeyError } from '../../errors.ts';
import { complaintOf } from './answer.ts';
import { type Federation, isClusterPool } from './federation.ts';
import type { HttpAnswer } from './http.ts';
import { troubleOf, unexplained } from './trouble.ts';

/** A request of a login, and how messages call those who take part. */
export type LoginStep =
  | { readonly kind: 'exchange'; readonly who: string; readonly federation: Federation }
  | { readonly kind: 'impersonate'; readonly who: string; readonly member: string; readonly email: string }
  | { readonly kind: 'key'; readonly who: string };

const NAMED_BY =
  'the annotation iam.gke.io/gcp-service-account of the ServiceAccount, or gcpServiceAccountEmail of the store';
/** Statuses with which Google says no to an identity; others are trouble. */
const REFUSALS = new Set([400, 401, 403, 404]);

/** The error that an answer to a login means. What was sent may stand in Google's words: they are never repeated. */
export function fromLoginAnswer(answer: HttpAnswer, step: LoginStep, project: string): LatchkeyError {
  const trouble = troubleOf(answer, project);
  if (trouble !== undefined) return trouble;
  if (!REFUSALS.has(answer.status)) return unexplained(answer);
  switch (step.kind) {
    case 'exchange':
      return exchangeRefused(answer, step);
    case 'impersonate':
      return impersonationRefused(answer, step);
    case 'key':
      return rejected(
        `Google refused ${step.who}`,
        'Check that the key and the service account exist and are not disabled, and the clock',
      );
  }
}

function exchangeRefused(
  answer: HttpAnswer,
  { who, federation }: Extract<LoginStep, { kind: 'exchange' }>,
): LatchkeyError {
  const { tokenAudience, audience, pool } = federation;
  const message = `Google's STS refused the token of ${who} for "${audience}"`;
  if (complaintOf(answer)?.status === 'invalid_target') {
    return rejected(`${message}: there is no such provider`, 'Check that pool and provider exist and are enabled');
  }
  if (isClusterPool(pool)) {
    const hint = `Check that the cluster has the workload pool ${pool}, and its project, location and name in the store`;
    return rejected(message, hint);
  }
  const hint = `Check the provider's issuer and keys (jwksJson), its allowed audiences (the token's is "${tokenAudience}"), and its attribute mapping and condition`;
  return rejected(message, hint);
}

function impersonationRefused(
  { status }: HttpAnswer,
  { who, member, email }: Extract<LoginStep, { kind: 'impersonate' }>,
): LatchkeyError {
  const message = `Google does not let ${who} act as ${email}`;
  if (status === 404) {
    return rejected(`${message}: there is no such service account`, `Correct ${NAMED_BY}`);
  }
  const grant = `gcloud iam service-accounts add-iam-policy-binding ${email} --role=roles/iam.workloadIdentityUser --member='${member}'`;
  return rejected(message, `Grant it: ${grant}; or correct ${NAMED_BY}`);
}

function rejected(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint });
}
