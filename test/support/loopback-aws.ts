import { isAllowed, type PolicyDocument } from './loopback-aws-iam.ts';
import { listed, named, text } from './loopback-aws-input.ts';
import { type AwsParameter, createAwsParameters, parameterArn, parse } from './loopback-aws-parameters.ts';
import { type AwsSecret, createAwsSecrets } from './loopback-aws-secrets.ts';
import { readSignature } from './loopback-aws-signature.ts';
import { type AwsCaller, type AwsRole, createSts, type Login, type OidcProvider, refuse } from './loopback-aws-sts.ts';
import {
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
  type ProviderServerSettings,
  startProviderServer,
} from './provider-server.ts';
import { LEAK_MARKER } from './test-identity.ts';

export interface AwsPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export interface AwsUser {
  readonly secretAccessKey: string;
  readonly policy: PolicyDocument;
}

/** Of a JSON service: what it says, unencoded. */
export interface AwsAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface LoopbackAwsSettings {
  readonly place?: AwsPlace;
  readonly oidc: OidcProvider;
  /** By ARN. */
  readonly roles?: Readonly<Record<string, AwsRole>>;
  /** Users with an access key, by its id. */
  readonly accessKeys?: Readonly<Record<string, AwsUser>>;
  readonly sessionSeconds?: number;
  readonly secrets?: ReadonlyMap<string, AwsSecret>;
  readonly parameters?: ReadonlyMap<string, AwsParameter>;
  /** Where a real implementation of the services has the values instead; identities and rights stay here. */
  readonly behind?: string;
}

export interface LoopbackAws extends ProviderServer {
  readonly logins: readonly Login[];
  /** How often an operation was called, such as `secretsmanager.GetSecretValue` or `sts.AssumeRole`. */
  count(operation: string): number;
  /** What every session is from now on. */
  expireSessions(): void;
  /** Takes a permission from everybody, such as `ssm:GetParameters`. */
  forbid(action: string): void;
}

export const AWS_PLACE: AwsPlace = { partition: 'aws', region: 'eu-central-1', account: '111122223333' };

const SERVICES = { secretsmanager: 'secretsmanager', AmazonSSM: 'ssm' } as const;
type ServiceName = (typeof SERVICES)[keyof typeof SERVICES];

/**
 * STS, Secrets Manager and Parameter Store on one port. Tokens are checked against the cluster's keys, requests against
 * their signatures, and both against IAM policies. What the APIs do not describe is an error of the test, not an answer.
 */
export async function startLoopbackAws(
  settings: LoopbackAwsSettings,
  server: ProviderServerSettings = {},
): Promise<LoopbackAws> {
  const { place = AWS_PLACE, oidc, roles = {}, accessKeys = {}, sessionSeconds = 3600, behind } = settings;
  const sts = createSts({ account: place.account, oidc, roles, sessionSeconds });
  const { secrets = new Map<string, AwsSecret>(), parameters = new Map<string, AwsParameter>() } = settings;
  const memory = { secretsmanager: createAwsSecrets(secrets, place), ssm: createAwsParameters(parameters, place) };
  const counts = new Map<string, number>();
  const forbidden = new Set<string>();

  async function handle(request: ProviderRequest): Promise<ProviderAnswer> {
    if (request.method !== 'POST' || request.path !== '/') throw new Error(`${request.method} ${request.path}`);
    const target = request.headers['x-amz-target'];
    return target === undefined ? askSts(request) : askJson(request, target);
  }

  async function askSts(request: ProviderRequest): Promise<ProviderAnswer> {
    const form = new URLSearchParams(request.body.toString('utf8'));
    if (form.get('Version') !== '2011-06-15') throw new Error('STS is asked for no known version');
    const action = form.get('Action') ?? '';
    counts.set(`sts.${action}`, (counts.get(`sts.${action}`) ?? 0) + 1);
    if (action === 'AssumeRoleWithWebIdentity') {
      if (request.headers['authorization'] !== undefined) throw new Error('an exchange of a token is signed');
      return sts.withWebIdentity(form);
    }
    if (action !== 'AssumeRole') throw new Error(`sts.${action} is not known`);
    const caller = callerOf(request, 'sts');
    if ('refusal' in caller)
      return refuse(403, caller.refusal, 'The security token included in the request is invalid');
    return sts.withCaller(form, caller);
  }

  async function askJson(request: ProviderRequest, target: string): Promise<ProviderAnswer> {
    const [prefix = '', operation = ''] = target.split('.');
    if (prefix !== 'secretsmanager' && prefix !== 'AmazonSSM') throw new Error(`${target} is not known`);
    if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
      throw new Error('the content type is not JSON 1.1');
    const service = SERVICES[prefix];
    counts.set(`${service}.${operation}`, (counts.get(`${service}.${operation}`) ?? 0) + 1);

    const caller = callerOf(request, service);
    const { status, body } =
      'refusal' in caller
        ? { status: 400, body: { __type: caller.refusal, message: `The security token is invalid ${LEAK_MARKER}` } }
        : await authorize(service, operation, JSON.parse(request.body.toString('utf8')), caller, request);
    return {
      status,
      headers: { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': 'r' },
      body,
    };
  }

  function callerOf(request: ProviderRequest, service: string): AwsCaller | { readonly refusal: string } {
    const signature = readSignature(request);
    if (signature.service !== service || signature.region !== place.region) throw new Error('signed for another place');
    const user = accessKeys[signature.accessKeyId];
    const caller = user
      ? { ...user, arn: `arn:${place.partition}:iam::${place.account}:user/test` }
      : sts.sessions.get(signature.accessKeyId);
    if (caller === undefined)
      return { refusal: service === 'sts' ? 'InvalidClientTokenId' : 'UnrecognizedClientException' };
    if (!signature.isMadeBy(caller.secretAccessKey)) {
      if (user === undefined) throw new Error('the signature is wrong');
      return { refusal: service === 'sts' ? 'SignatureDoesNotMatch' : 'InvalidSignatureException' };
    }
    if (request.headers['x-amz-security-token'] !== caller.sessionToken)
      throw new Error('the session token is missing');
    if (caller.expired === true) return { refusal: service === 'sts' ? 'ExpiredToken' : 'ExpiredTokenException' };
    return caller;
  }

  async function authorize(
    service: ServiceName,
    operation: string,
    input: unknown,
    caller: AwsCaller,
    request: ProviderRequest,
  ): Promise<AwsAnswer> {
    const action = `${service}:${operation}`;
    const refused = resourcesOf(service, operation, input).find((resource) => !may(caller, action, resource));
    if (refused !== undefined) return denied(caller, action, refused);
    if (operation !== 'BatchGetSecretValue') return ask(service, operation, input, request);

    // Rights to the secrets of a batch are looked at one by one, and what is refused stands beside the values.
    const ids = listed(input, 'SecretIdList');
    const [readable = [], unreadable = []] = [true, false].map((wanted) =>
      ids.filter((id) => may(caller, 'secretsmanager:GetSecretValue', secretArn(id)) === wanted),
    );
    const { status, body } =
      readable.length === 0
        ? { status: 200, body: {} }
        : await ask(service, operation, { SecretIdList: readable }, request);
    if (status !== 200) return { status, body };
    const Errors = unreadable.map((SecretId) => ({
      SecretId,
      ErrorCode: 'AccessDeniedException',
      Message: `not authorized ${LEAK_MARKER}`,
    }));
    return { status, body: { ...Object(body), Errors: [...listed(body, 'Errors', true), ...Errors] } };
  }

  function may(caller: AwsCaller, action: string, resource: string): boolean {
    const context = Object.fromEntries(
      Object.entries(tagsOf(resource)).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
    );
    return !forbidden.has(action) && isAllowed(caller.policy, { action, resource, context });
  }

  function tagsOf(resource: string): Readonly<Record<string, string>> {
    const [, secret] = [...secrets].find(([name]) => secretArn(name) === resource) ?? [];
    const [, parameter] = [...parameters].find(([name]) => parameterArn(name, place) === resource) ?? [];
    return { ...secret?.tags, ...parameter?.tags };
  }

  function resourcesOf(service: ServiceName, operation: string, input: unknown): readonly string[] {
    if (service === 'secretsmanager') {
      return operation === 'GetSecretValue' || operation === 'DescribeSecret'
        ? [secretArn(text(input, 'SecretId'))]
        : ['*'];
    }
    const names = [named(input, 'Name'), named(input, 'Path'), named(input, 'ResourceId'), ...listed(input, 'Names')];
    const resources = names.flatMap((name) => (name === undefined ? [] : [parameterArn(parse(name).name, place)]));
    return resources.length === 0 ? ['*'] : resources;
  }

  function secretArn(id: string): string {
    if (id.startsWith('arn:')) return id;
    return `arn:${place.partition}:secretsmanager:${place.region}:${place.account}:secret:${id}-AbCdEf`;
  }

  async function ask(
    service: ServiceName,
    operation: string,
    input: unknown,
    { headers }: ProviderRequest,
  ): Promise<AwsAnswer> {
    if (behind === undefined) return memory[service](operation, input);
    const passed = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'];
    const response = await fetch(behind, {
      method: 'POST',
      headers: Object.fromEntries(passed.map((name) => [name, headers[name] ?? ''])),
      body: JSON.stringify(input),
    });
    return { status: response.status, body: await response.json() };
  }

  return {
    ...(await startProviderServer(handle, server)),
    logins: sts.logins,
    count: (operation) => counts.get(operation) ?? 0,
    expireSessions() {
      for (const session of sts.sessions.values()) session.expired = true;
    },
    forbid: (action) => forbidden.add(action),
  };
}

function denied({ arn }: AwsCaller, action: string, resource: string): AwsAnswer {
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${LEAK_MARKER}`;
  const isSsm = action.startsWith('ssm:');
  return { status: 400, body: { __type: 'AccessDeniedException', [isSsm ? 'message' : 'Message']: message } };
}
