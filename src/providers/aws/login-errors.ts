import { LatchkeyError } from '../../errors.ts';
import type { Failure } from './failure.ts';
import { type AssumeRoleStep, describePrincipal, type Scene, type WebIdentityStep } from './scene.ts';

/** STS gave no credentials: who asked for which role, and what to look at. */
export function loginRefused(failure: Failure, step: WebIdentityStep | AssumeRoleStep, scene: Scene): LatchkeyError {
  return step.kind === 'webIdentity' ? tokenRefused(failure, step, scene) : roleRefused(failure, step, scene);
}

function tokenRefused(failure: Failure, step: WebIdentityStep, { principal, region }: Scene): LatchkeyError {
  const { role, audience, subject } = step;
  const message = `AWS refused role ${role.arn} to ${principal.who}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint: hintOf() });

  function hintOf(): string {
    if (failure.name === 'RegionDisabled') return `Enable STS for account ${role.account} in ${region}`;
    if (failure.name === 'IDPRejectedClaim' || failure.meaning === 'expired') {
      return "Check the clocks, and that the cluster's issuer publishes its current keys to AWS";
    }
    if (failure.name === 'InvalidIdentityToken') {
      return `Create an IAM OIDC provider for the cluster's issuer in account ${role.account}, with the client id "${audience}"`;
    }
    const trust = `Let the role's trust policy allow sts:AssumeRoleWithWebIdentity to "${subject}" with the audience "${audience}"`;
    return `${trust}, or check ${principal.source}`;
  }
}

function roleRefused(failure: Failure, step: AssumeRoleStep, { principal, region }: Scene): LatchkeyError {
  const { arn, field, hasExternalId, hasTags } = step;
  const address = `spec.provider.aws.${field}`;
  if (failure.meaning === 'rejected' || failure.meaning === 'expired') {
    const message = `AWS does not accept ${describePrincipal(principal)}, to assume role ${arn} in ${region}`;
    return new LatchkeyError('IDENTITY_REJECTED', message, { hint: `Check ${principal.source} and Latchkey's clock` });
  }
  if (failure.meaning === 'invalid') {
    return new LatchkeyError('STORE_INVALID', `AWS finds the request for role ${arn} invalid`, {
      hint: `Correct ${address}${hasTags ? ', or shorten spec.provider.aws.sessionTags' : ''}`,
    });
  }
  const actions = hasTags ? 'sts:AssumeRole and sts:TagSession' : 'sts:AssumeRole';
  const externalId = hasExternalId ? " with the store's externalID" : '';
  return new LatchkeyError('IDENTITY_REJECTED', `AWS refused role ${arn} to ${describePrincipal(principal)}`, {
    hint: `Allow ${actions} on it to ${principal.role?.arn ?? 'the user of that key'}${externalId}, in a policy there and in the trust policy of ${address}`,
  });
}
