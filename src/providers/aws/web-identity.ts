import { LatchkeyError } from '../../errors.ts';
import { audienceProblem, endpointProblem } from '../endpoints.ts';
import type { ProviderLimits, ServiceAccountFacts } from '../provider.ts';
import { hostOf } from './endpoint-settings.ts';
import { parseRole, type Role, roleProblem } from './role.ts';
import type { AwsSettings } from './settings.ts';

/** What a ServiceAccount's annotations say of its way to AWS; EKS defines them. */
export interface WebIdentity {
  readonly role: Role;
  readonly audience: string;
  readonly stsUrl: string;
}

export const ROLE_ARN = 'eks.amazonaws.com/role-arn';
const AUDIENCE = 'eks.amazonaws.com/audience';
const REGIONAL_STS = 'eks.amazonaws.com/sts-regional-endpoints';

/** Its way to AWS, or what is missing for one. The annotations choose within the operator's lists. */
export function webIdentityOf(
  { namespace, name, annotations }: ServiceAccountFacts,
  { endpoints, partition }: AwsSettings,
  usualAudience: string,
  limits: ProviderLimits,
): WebIdentity | LatchkeyError {
  const who = `ServiceAccount ${namespace}/${name}`;
  const annotate = `kubectl annotate serviceaccount -n ${namespace} ${name}`;
  const text = annotations[ROLE_ARN] ?? '';
  if (text === '') {
    return new LatchkeyError('IDENTITY_REJECTED', `${who} has no AWS role: it lacks the annotation ${ROLE_ARN}`, {
      hint: `Create a role that trusts it, and name it: ${annotate} ${ROLE_ARN}=arn:${partition.name}:iam::ACCOUNT:role/NAME`,
    });
  }
  const role = parseRole(text);
  if (role === undefined || role.partition !== partition.name) {
    const problem = roleProblem(text, partition.name) ?? '';
    return new LatchkeyError('IDENTITY_REJECTED', `the annotation ${ROLE_ARN} of ${who} ${problem}`, {
      hint: `Correct it: ${annotate} --overwrite ${ROLE_ARN}=…`,
    });
  }

  const audience = annotations[AUDIENCE] ?? usualAudience;
  const closed = audienceProblem('aws', audience, limits.audiences);
  if (closed !== undefined) {
    return new LatchkeyError('AUDIENCE_NOT_ALLOWED', `the annotation ${AUDIENCE} of ${who} is refused: ${closed}`, {
      hint: 'Correct or remove the annotation, or ask the operator to add the audience',
    });
  }

  const stsUrl = annotations[REGIONAL_STS] === 'false' ? endpoints.globalSts : endpoints.sts;
  const unreachable = endpointProblem('aws', hostOf(stsUrl), limits.endpoints);
  if (unreachable !== undefined) {
    return new LatchkeyError(
      'ENDPOINT_NOT_ALLOWED',
      `the annotation ${REGIONAL_STS} of ${who} is refused: ${unreachable}`,
      {
        hint: 'Remove the annotation, so that STS is asked in the region of the store',
      },
    );
  }
  return { role, audience, stsUrl };
}
