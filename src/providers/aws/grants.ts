import { LatchkeyError } from '../../errors.ts';
import type { Grant, GrantReader } from '../grant.ts';
import type { Asked, ProviderLimits, ServiceAccountFacts } from '../provider.ts';
import { describeSelector } from '../selector.ts';
import type { AuthSettings } from './auth-settings.ts';
import { policyText, type Statement } from './policy-text.ts';
import { readGrants } from './read-grants.ts';
import { parseRole } from './role.ts';
import type { RoleStep } from './role-settings.ts';
import type { Principal } from './scene.ts';
import type { AwsSettings } from './settings.ts';
import { ROLE_ARN, type WebIdentity, webIdentityOf } from './web-identity.ts';

/** The trust that lets the reader become each role on its way, and what the last one may read. */
export function awsGrants(
  settings: AwsSettings,
  limits: ProviderLimits,
  asked: Asked,
  { serviceAccount, issuer }: GrantReader,
): readonly Grant[] {
  const grants: Grant[] = [];
  const { auth } = settings;
  let principal = principalOf(auth);
  if (serviceAccount !== undefined && auth.method === 'webIdentity') {
    const way = webIdentityOf(serviceAccount, settings, auth.audience, limits);
    if (way instanceof LatchkeyError) throw way;
    grants.push(trustServiceAccount(serviceAccount, way, issuer));
    principal = { ...principal, role: way.role };
  }
  for (const step of settings.roles) {
    grants.push(...assumeGrants(step, principal, settings));
    const role = parseRole(step.arn);
    principal = { ...principal, ...(role !== undefined && { role }) };
  }
  return [...grants, ...readGrants(settings, asked, principal)];
}

function principalOf(auth: AuthSettings): Principal {
  if (auth.method === 'webIdentity') return { who: 'the role of the ServiceAccount', source: ROLE_ARN };
  const source = describeSelector(auth.accessKeyId);
  return { who: `the user of the access key in ${source}`, source };
}

function trustServiceAccount(
  { namespace, name }: ServiceAccountFacts,
  { role, audience }: WebIdentity,
  issuer: string,
): Grant {
  const provider = issuer.replace(/^https:\/\//, '');
  return {
    purpose: 'login',
    title: `trust policy that lets ServiceAccount ${namespace}/${name} in`,
    principal: titleOf(role.arn),
    language: 'json',
    text: policyText({
      Effect: 'Allow',
      Principal: { Federated: `arn:${role.partition}:iam::${role.account}:oidc-provider/${provider}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${provider}:sub`]: `system:serviceaccount:${namespace}:${name}`,
          [`${provider}:aud`]: audience,
        },
      },
    }),
  };
}

/** Both sides must allow it. */
function assumeGrants(
  { arn, externalId, tags }: RoleStep,
  { who, role }: Principal,
  { partition }: AwsSettings,
): readonly Grant[] {
  const from = role?.arn ?? `arn:${partition.name}:iam::ACCOUNT:user/USER`;
  const Action = tags.length > 0 ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole';
  const trust: Statement = {
    Effect: 'Allow',
    Principal: { AWS: from },
    Action,
    ...(externalId !== undefined && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
  };
  return [
    {
      purpose: 'login',
      title: `policy that lets it assume ${titleOf(arn)}`,
      principal: role === undefined ? who : titleOf(role.arn),
      language: 'json',
      text: policyText({ Effect: 'Allow', Action, Resource: arn }),
    },
    {
      purpose: 'login',
      title: `trust policy that lets ${role === undefined ? who : titleOf(role.arn)} in`,
      principal: titleOf(arn),
      language: 'json',
      text: policyText(trust),
    },
  ];
}

function titleOf(arn: string): string {
  return `role ${arn}`;
}
