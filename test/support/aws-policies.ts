import { TEST_ISSUER } from './kubernetes-issuer.ts';
import { AWS_PLACE } from './loopback-aws.ts';
import type { PolicyDocument } from './loopback-aws-iam.ts';

type Grant = readonly [actions: string | readonly string[], resources: string | readonly string[]];

/** A policy of a role or user. */
export function allow(...grants: readonly Grant[]): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: grants.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
  };
}

/** A trust policy that lets a ServiceAccount of the cluster in. */
export function trustToken(subject: string, audience = 'sts.amazonaws.com', issuer = TEST_ISSUER): PolicyDocument {
  const provider = issuer.replace('https://', '');
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${AWS_PLACE.account}:oidc-provider/${provider}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${provider}:sub`]: subject, [`${provider}:aud`]: audience } },
      },
    ],
  };
}

/** A trust policy that lets another role, or a user, in. */
export function trustRole(arn: string, externalId?: string): PolicyDocument {
  const Condition = externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': externalId } };
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: arn }, Action: ['sts:AssumeRole', 'sts:TagSession'], Condition }],
  };
}
