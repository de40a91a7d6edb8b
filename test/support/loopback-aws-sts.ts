import { type AccessRequest, isAllowed, type PolicyDocument } from './loopback-aws-iam.ts';
import { type TokenCheck, verifyToken } from './kubernetes-issuer.ts';
import type { ProviderAnswer } from './provider-server.ts';
import { LEAK_MARKER } from './test-identity.ts';

export interface AwsRole {
  readonly trust: PolicyDocument;
  readonly policy: PolicyDocument;
}

/** A cluster that the account trusts: an IAM OIDC provider. */
export interface OidcProvider extends TokenCheck {
  readonly clientIds: readonly string[];
}

/** As whom a signed request comes. */
export interface AwsCaller {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly policy: PolicyDocument;
  /** Of the role or user, for trust policies and messages. */
  readonly arn: string;
  readonly transitiveTags?: Readonly<Record<string, string>>;
  expired?: boolean;
}

export interface Login {
  readonly operation: 'AssumeRoleWithWebIdentity' | 'AssumeRole';
  readonly role: string;
  readonly sessionName: string;
  /** Who came: a token's subject, or the ARN of the caller. */
  readonly from: string;
  readonly audience?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
}

export interface StsSettings {
  readonly account: string;
  readonly oidc: OidcProvider;
  readonly roles: Readonly<Record<string, AwsRole>>;
  readonly sessionSeconds: number;
}

/** STS: it makes callers of tokens and callers. Facts are those of its API description. */
export function createSts({ account, oidc, roles, sessionSeconds }: StsSettings) {
  const sessions = new Map<string, AwsCaller>();
  const logins: Login[] = [];
  const providerArn = `arn:aws:iam::${account}:oidc-provider/${oidc.issuer.replace(/^https:\/\//, '')}`;
  const claimPrefix = oidc.issuer.replace(/^https:\/\//, '');

  async function withWebIdentity(form: URLSearchParams): Promise<ProviderAnswer> {
    const roleArn = must(form, 'RoleArn');
    const sessionName = sessionNameOf(form);
    const verdict = await verifyToken(must(form, 'WebIdentityToken'), oidc);
    if (!verdict.ok) {
      if (verdict.reason === 'expired') return refuse(400, 'ExpiredTokenException', 'Token expired');
      return refuse(400, 'InvalidIdentityToken', `the token is not accepted: ${verdict.reason}`);
    }
    const { subject, audiences } = verdict;
    const audience = audiences.find((candidate) => oidc.clientIds.includes(candidate));
    if (audience === undefined) return refuse(400, 'InvalidIdentityToken', 'Incorrect token audience');

    const wants: AccessRequest = {
      action: 'sts:AssumeRoleWithWebIdentity',
      principal: { type: 'Federated', arn: providerArn },
      context: { [`${claimPrefix}:sub`]: subject, [`${claimPrefix}:aud`]: audience },
    };
    const role = roles[roleArn];
    if (role === undefined || !isAllowed(role.trust, wants)) return notAuthorized('AssumeRoleWithWebIdentity');
    logins.push({
      operation: 'AssumeRoleWithWebIdentity',
      role: roleArn,
      sessionName,
      from: subject,
      audience,
      tags: {},
      transitiveTagKeys: [],
    });
    return letIn('AssumeRoleWithWebIdentity', roleArn, role, sessionName);
  }

  function withCaller(form: URLSearchParams, caller: AwsCaller): ProviderAnswer {
    const roleArn = must(form, 'RoleArn');
    const sessionName = sessionNameOf(form);
    const tags = Object.fromEntries(
      members(form, 'Tags', 'Key').map((key, index) => [key, members(form, 'Tags', 'Value')[index] ?? '']),
    );
    const externalId = form.get('ExternalId');
    const context = {
      ...(externalId !== null && { 'sts:ExternalId': externalId }),
      ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    };
    const role = roles[roleArn];
    const actions = ['sts:AssumeRole', ...(Object.keys(tags).length > 0 ? ['sts:TagSession'] : [])];
    const isFree = actions.every(
      (action) =>
        isAllowed(caller.policy, { action, resource: roleArn, context }) &&
        role !== undefined &&
        isAllowed(role.trust, { action, principal: { type: 'AWS', arn: caller.arn }, context }),
    );
    if (role === undefined || !isFree) return notAuthorized('AssumeRole');
    const transitiveTagKeys = members(form, 'TransitiveTagKeys');
    logins.push({ operation: 'AssumeRole', role: roleArn, sessionName, from: caller.arn, tags, transitiveTagKeys });
    return letIn('AssumeRole', roleArn, role, sessionName);
  }

  function letIn(operation: string, arn: string, { policy }: AwsRole, sessionName: string): ProviderAnswer {
    const accessKeyId = `ASIA${String(sessions.size).padStart(16, '0')}`;
    const secretAccessKey = `${LEAK_MARKER}-secret-${sessions.size}`;
    const sessionToken = `${LEAK_MARKER}-session-${sessions.size}`;
    sessions.set(accessKeyId, { secretAccessKey, sessionToken, policy, arn });
    const expiration = new Date(Date.now() + sessionSeconds * 1000).toISOString();
    const assumed = `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`;
    return {
      status: 200,
      headers: { 'Content-Type': 'text/xml' },
      body:
        `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>` +
        `<AssumedRoleUser><AssumedRoleId>AROA:${sessionName}</AssumedRoleId><Arn>${assumed}</Arn></AssumedRoleUser>` +
        `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
        `<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>` +
        `</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`,
    };
  }

  return { sessions, logins, withWebIdentity, withCaller };
}

/** As STS answers: XML, with the code and a text that no message of ours may repeat. */
export function refuse(status: number, code: string, message: string): ProviderAnswer {
  return {
    status,
    headers: { 'Content-Type': 'text/xml' },
    body:
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message} ${LEAK_MARKER}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
  };
}

function notAuthorized(operation: string): ProviderAnswer {
  return refuse(403, 'AccessDenied', `Not authorized to perform sts:${operation}`);
}

function must(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new Error(`the parameter ${name} is missing`);
  return value;
}

function sessionNameOf(form: URLSearchParams): string {
  const name = must(form, 'RoleSessionName');
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw new Error(`${name} is no session name`);
  return name;
}

/** Lists of the query protocol: `Tags.member.1.Key`, `TransitiveTagKeys.member.1`. */
function members(form: URLSearchParams, list: string, field?: string): readonly string[] {
  const pattern = new RegExp(`^${list}\\.member\\.\\d+${field === undefined ? '' : `\\.${field}`}$`);
  return [...form].filter(([name]) => pattern.test(name)).map(([, value]) => value);
}
