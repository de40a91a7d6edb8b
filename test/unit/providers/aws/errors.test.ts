import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { fromAws, fromFailure } from '../../../../src/providers/aws/errors.ts';
import { itemFailure } from '../../../../src/providers/aws/failure.ts';
import type { AccessStep, AssumeRoleStep, Scene, Step, WebIdentityStep } from '../../../../src/providers/aws/scene.ts';

const ROLE = { arn: 'arn:aws:iam::111122223333:role/payments', partition: 'aws', account: '111122223333' };
const SCENE: Scene = {
  service: 'Secrets Manager',
  host: 'secretsmanager.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  principal: {
    who: 'ServiceAccount payments/api',
    role: ROLE,
    source: 'the annotation eks.amazonaws.com/role-arn of ServiceAccount payments/api',
  },
};
const READ: AccessStep = {
  kind: 'access',
  does: 'read "prod/db"',
  action: 'secretsmanager:GetSecretValue',
  resource: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/db-??????',
  key: 'prod/db',
};
const LIST: AccessStep = { kind: 'access', does: 'list secrets', action: 'secretsmanager:ListSecrets', resource: '*' };
const TOKEN: WebIdentityStep = {
  kind: 'webIdentity',
  role: ROLE,
  audience: 'sts.amazonaws.com',
  subject: 'system:serviceaccount:payments:api',
};
const ASSUME: AssumeRoleStep = {
  kind: 'assumeRole',
  arn: 'arn:aws:iam::444455556666:role/vault',
  field: 'role',
  hasExternalId: true,
  hasTags: true,
};
const { signal } = new AbortController();

function thrown(name: string, message = '', rest: object = {}): Error {
  return Object.assign(new Error(`${message} hunter2`), { name, $metadata: { httpStatusCode: 400 }, ...rest });
}

function lineOf(error: unknown, step: Step = READ, scene: Partial<Scene> = {}): string {
  return fromAws(error, step, { ...SCENE, ...scene }, signal).line;
}

describe('fromAws', () => {
  it.each([
    [READ, 'ResourceNotFoundException', 'SECRET_NOT_FOUND'],
    [READ, 'ParameterNotFound', 'SECRET_NOT_FOUND'],
    [READ, 'ParameterVersionNotFound', 'SECRET_NOT_FOUND'],
    [READ, 'InvalidResourceId', 'SECRET_NOT_FOUND'],
    [LIST, 'ResourceNotFoundException', 'PROVIDER_UNAVAILABLE'],
    [READ, 'AccessDeniedException', 'ACCESS_DENIED'],
    [READ, 'DecryptionFailure', 'ACCESS_DENIED'],
    [READ, 'InvalidKeyId', 'ACCESS_DENIED'],
    [READ, 'ExpiredTokenException', 'IDENTITY_REJECTED'],
    [READ, 'UnrecognizedClientException', 'IDENTITY_REJECTED'],
    [READ, 'InvalidSignatureException', 'IDENTITY_REJECTED'],
    [READ, 'InvalidRequestException', 'REF_INVALID'],
    [READ, 'InvalidParameterException', 'REF_INVALID'],
    [READ, 'ValidationException', 'REF_INVALID'],
    [READ, 'ThrottlingException', 'PROVIDER_THROTTLED'],
    [READ, 'TooManyRequestsException', 'PROVIDER_THROTTLED'],
    [READ, 'InternalServiceError', 'PROVIDER_UNAVAILABLE'],
    [READ, 'constructor', 'PROVIDER_UNAVAILABLE'],
    [READ, 'SomethingNew', 'PROVIDER_UNAVAILABLE'],
    [TOKEN, 'AccessDenied', 'IDENTITY_REJECTED'],
    [TOKEN, 'InvalidIdentityTokenException', 'IDENTITY_REJECTED'],
    [TOKEN, 'IDPRejectedClaimException', 'IDENTITY_REJECTED'],
    [TOKEN, 'ExpiredTokenException', 'IDENTITY_REJECTED'],
    [TOKEN, 'RegionDisabledException', 'IDENTITY_REJECTED'],
    [TOKEN, 'ValidationError', 'IDENTITY_REJECTED'],
    [TOKEN, 'IDPCommunicationErrorException', 'PROVIDER_UNAVAILABLE'],
    [TOKEN, 'Throttling', 'PROVIDER_THROTTLED'],
    [ASSUME, 'AccessDenied', 'IDENTITY_REJECTED'],
    [ASSUME, 'InvalidClientTokenId', 'IDENTITY_REJECTED'],
    [ASSUME, 'ExpiredToken', 'IDENTITY_REJECTED'],
    [ASSUME, 'PackedPolicyTooLargeException', 'STORE_INVALID'],
    [ASSUME, 'ValidationError', 'STORE_INVALID'],
  ] as const)('reports, at %o, %s as %s', (step, name, code) => {
    const line = lineOf(thrown(name), step);

    expect(line).toContain(`[${code}]`);
    expect(line).not.toContain('hunter2');
  });

  it.each([
    [429, 'PROVIDER_THROTTLED'],
    [500, 'PROVIDER_UNAVAILABLE'],
    [503, 'PROVIDER_UNAVAILABLE'],
    [404, 'PROVIDER_UNAVAILABLE'],
    [403, 'PROVIDER_UNAVAILABLE'],
    [200, 'PROVIDER_UNAVAILABLE'],
  ])('reports status %i in no form of AWS as %s', (httpStatusCode, code) => {
    expect(lineOf(thrown('SyntaxError', '', { $metadata: { httpStatusCode } }))).toContain(`[${code}]`);
  });

  it('says who lacks which permission on what, and where the role comes from', () => {
    expect(lineOf(thrown('AccessDeniedException'))).toBe(
      'AWS does not let role arn:aws:iam::111122223333:role/payments (ServiceAccount payments/api) read "prod/db" in eu-central-1. ' +
        'Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/db-?????? to that role, ' +
        'or check the annotation eks.amazonaws.com/role-arn of ServiceAccount payments/api. [ACCESS_DENIED]',
    );
  });

  it.each([
    thrown('AccessDeniedException', 'Access to KMS is not allowed'),
    thrown('AccessDeniedException', 'The ciphertext refers to a customer master key that does not exist'),
    thrown('DecryptionFailure'),
  ])('tells a refusal of the key from one of the secret', (error) => {
    const line = lineOf(error);

    expect(line).toContain('AWS KMS does not let role arn:aws:iam::111122223333:role/payments');
    expect(line).toContain('Allow kms:Decrypt');
  });

  it.each([
    ["You can't perform this operation on the secret because it was marked for deletion.", 'InvalidRequestException'],
    ['… was marked for deletion', 'InvalidParameterException'],
  ])('tells how to restore a secret that is deleted: %s', (message, name) => {
    expect(lineOf(thrown(name, message))).toBe(
      '"prod/db" is marked for deletion in AWS Secrets Manager in eu-central-1. ' +
        'Restore it: aws secretsmanager restore-secret --region eu-central-1 --secret-id prod/db. [SECRET_NOT_FOUND]',
    );
  });

  it.each([
    [{}, 'does not exist in AWS Secrets Manager of account 111122223333 in eu-central-1'],
    [{ version: 'AWSPREVIOUS' }, 'has no version "AWSPREVIOUS" in AWS Secrets Manager of account 111122223333'],
    [
      { key: 'arn:aws:secretsmanager:eu-central-1:444455556666:secret:x' },
      'does not exist in AWS Secrets Manager in eu-central-1',
    ],
  ])('says of %j that it %s', (step, text) => {
    const error = thrown('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

    expect(lineOf(error, { ...READ, ...step })).toContain(text);
  });

  it('says of a secret that was never filled that it has no value', () => {
    const message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";

    expect(lineOf(thrown('ResourceNotFoundException', message))).toContain('"prod/db" has no current value in');
  });

  it.each([
    [
      'AccessDenied',
      'Let the role\'s trust policy allow sts:AssumeRoleWithWebIdentity to "system:serviceaccount:payments:api"',
    ],
    ['InvalidIdentityTokenException', "Create an IAM OIDC provider for the cluster's issuer in account 111122223333"],
    ['IDPRejectedClaimException', 'Check the clocks'],
    ['RegionDisabledException', 'Enable STS for account 111122223333 in eu-central-1'],
  ])('names, after %s at the exchange, what to do', (name, hint) => {
    const line = lineOf(thrown(name), TOKEN);

    expect(line).toContain('AWS refused role arn:aws:iam::111122223333:role/payments to ServiceAccount payments/api.');
    expect(line).toContain(hint);
  });

  it('names both roles where one may not assume the other', () => {
    expect(lineOf(thrown('AccessDenied'), ASSUME)).toBe(
      'AWS refused role arn:aws:iam::444455556666:role/vault to role arn:aws:iam::111122223333:role/payments ' +
        '(ServiceAccount payments/api). Allow sts:AssumeRole and sts:TagSession on it to ' +
        "arn:aws:iam::111122223333:role/payments with the store's externalID, in a policy there and in the trust policy of " +
        'spec.provider.aws.role. [IDENTITY_REJECTED]',
    );
  });

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': 'soon' }, 1000],
    [{}, 1000],
  ])('waits after throttling with headers %j for %i ms', (headers, retryAfterMs) => {
    const error = thrown('ThrottlingException', '', { $response: { headers } });

    expect(fromAws(error, READ, SCENE, signal).retryAfterMs).toBe(retryAfterMs);
  });

  it('lets errors of our own through, without what the SDK hung on them', () => {
    const own = Object.assign(new LatchkeyError('VALUE_TOO_LARGE', 'too large', { hint: 'Split it' }), {
      $metadata: {},
    });

    const error = fromAws(own, READ, SCENE, signal);

    expect(error).toMatchObject({ code: 'VALUE_TOO_LARGE', message: 'too large', hint: 'Split it' });
    expect(error).not.toHaveProperty('$metadata');
  });

  it('keeps no foreign error', () => {
    expect(fromAws(thrown('AccessDeniedException'), READ, SCENE, signal).cause).toBeUndefined();
  });
});

describe('fromFailure', () => {
  it('reads what is said of one item of a batch', () => {
    expect(fromFailure(itemFailure('AccessDeniedException', ''), READ, SCENE)?.code).toBe('ACCESS_DENIED');
    expect(fromFailure(itemFailure('', ''), READ, SCENE)).toBeUndefined();
  });
});

describe('a request without an answer', () => {
  it.each([
    ['ECONNREFUSED', 'refuses connections'],
    ['ENOTFOUND', 'has no address'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'has a certificate that is not trusted'],
    ['CERT_HAS_EXPIRED', 'has an expired certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not agree on TLS'],
    ['ESOMETHING', "gave no answer in AWS's form"],
  ])('is explained after %s: %s', (code, says) => {
    const line = lineOf(Object.assign(new Error('hunter2'), { code, name: 'TimeoutError' }));

    expect(line).toContain(`AWS Secrets Manager at secretsmanager.eu-central-1.amazonaws.com ${says}.`);
    expect(line).toContain('[PROVIDER_UNAVAILABLE]');
    expect(line).not.toContain('hunter2');
  });

  it('is told from a deadline that passed', () => {
    const aborted = fromAws(new Error('aborted'), READ, SCENE, AbortSignal.abort());

    expect(aborted.code).toBe('PROVIDER_TIMEOUT');
    expect(lineOf(Object.assign(new Error(''), { code: 'ETIMEDOUT' }))).toContain('[PROVIDER_TIMEOUT]');
  });

  it('is looked for inside other errors', () => {
    const inner = Object.assign(new Error(''), { code: 'ENOTFOUND' });

    expect(lineOf(new AggregateError([inner]))).toContain('has no address');
    expect(lineOf(new Error('', { cause: inner }))).toContain('has no address');
  });
});
