import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { Fields } from '../../../../src/fields.ts';
import { aws } from '../../../../src/providers/aws/index.ts';
import { allow, trustRole, trustToken } from '../../../support/aws-policies.ts';
import { createKubernetesIssuer } from '../../../support/kubernetes-issuer.ts';
import { AWS_PLACE } from '../../../support/loopback-aws.ts';
import { ANNOTATIONS, aSecret, CALL, openAws, ROLE, ROLE_ARN } from '../../../support/open-aws.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from '../../../support/test-identity.ts';

const SECRETS = new Map([['app', aSecret()]]);
const HOP = `arn:aws:iam::${AWS_PLACE.account}:role/hop`;
const VAULT = 'arn:aws:iam::444455556666:role/vault';
const USER = `arn:aws:iam::${AWS_PLACE.account}:user/test`;
const SECRET_REF = {
  accessKeyIDSecretRef: { name: 'aws', key: 'id' },
  secretAccessKeySecretRef: { name: 'aws', key: 'secret' },
};
const CREDENTIALS = { 'Secret/aws/id': 'AKIATEST\n', 'Secret/aws/secret': `${LEAK_MARKER}-key\n` };
const ACCESS_KEYS = { AKIATEST: { secretAccessKey: `${LEAK_MARKER}-key`, policy: allow(['*', '*']) } };

async function failure(call: Promise<unknown>): Promise<LatchkeyError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LatchkeyError)) throw new Error('no LatchkeyError was thrown');
  expect(error.line).not.toContain(LEAK_MARKER);
  return error;
}

describe('the login with a ServiceAccount', () => {
  it('exchanges its token for the role, under a name that says whose it is', async () => {
    const { server, identity, connect } = await openAws({ secrets: SECRETS });

    const client = await connect();
    await client.read({ key: 'app' }, CALL);

    expect(identity.audiences).toEqual(['sts.amazonaws.com']);
    expect(server.logins).toEqual([
      {
        operation: 'AssumeRoleWithWebIdentity',
        role: ROLE_ARN,
        sessionName: 'latchkey-payments.api',
        from: subjectOf({ namespace: 'payments', name: 'api' }),
        audience: 'sts.amazonaws.com',
        tags: {},
        transitiveTagKeys: [],
      },
    ]);
  });

  it('ends with the session of STS', async () => {
    const { connect } = await openAws({ secrets: SECRETS, sessionSeconds: 900 });

    const { expiresAt } = await connect();

    expect(expiresAt?.getTime()).toBeGreaterThan(Date.now() + 890_000);
    expect(expiresAt?.getTime()).toBeLessThan(Date.now() + 901_000);
  });

  it('asks for the audience of its annotation', async () => {
    const subject = subjectOf({ namespace: 'payments', name: 'api' });
    const { server, identity, connect } = await openAws({
      secrets: SECRETS,
      roles: { [ROLE_ARN]: { ...ROLE, trust: trustToken(subject, 'aws-eu') } },
      clientIds: ['aws-eu'],
      limits: { audiences: ['sts.amazonaws.com', 'aws-eu'] },
      identity: { serviceAccount: { annotations: { ...ANNOTATIONS, 'eks.amazonaws.com/audience': 'aws-eu' } } },
    });

    await connect();

    expect(identity.audiences).toEqual(['aws-eu']);
    expect(server.logins[0]?.audience).toBe('aws-eu');
  });

  it('shortens a name that STS would not take', async () => {
    const name = 'a'.repeat(100);
    const { server, connect } = await openAws({
      roles: { [ROLE_ARN]: { ...ROLE, trust: trustToken(subjectOf({ namespace: 'payments', name })) } },
      identity: { serviceAccount: { name, annotations: ANNOTATIONS } },
    });

    await connect();

    expect(server.logins[0]?.sessionName).toHaveLength(64);
  });

  it.each([
    ['of another issuer', { iss: 'https://elsewhere.example.com' }, 'Create an IAM OIDC provider'],
    ['that expired', { exp: 1_700_000_000 }, 'Check the clocks'],
  ])('explains the refusal of a token %s', async (_, claims, hint) => {
    const issuer = createKubernetesIssuer();
    const sign = (given: object) => issuer.sign({ ...given, ...claims });
    const { connect } = await openAws({ issuer, identity: { serviceAccount: { annotations: ANNOTATIONS }, sign } });

    const error = await failure(connect());

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.hint).toContain(hint);
  });

  it('is refused with a token that somebody else signed', async () => {
    const { sign } = createKubernetesIssuer();
    const { connect } = await openAws({ identity: { serviceAccount: { annotations: ANNOTATIONS }, sign } });

    const error = await failure(connect());

    expect(error.code).toBe('IDENTITY_REJECTED');
  });

  it('asks for no token where the ServiceAccount has no role', async () => {
    const { identity, connect } = await openAws({ identity: { serviceAccount: { annotations: {} } } });

    const error = await failure(connect());

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(identity.audiences).toEqual([]);
  });
});

describe('the chain of roles', () => {
  it('assumes one after the other, and reads as the last', async () => {
    const { server, connect } = await openAws({
      secrets: SECRETS,
      block: {
        additionalRoles: [HOP],
        role: VAULT,
        externalID: 'payments-prod',
        sessionTags: [{ key: 'team', value: 'payments' }],
        transitiveTagKeys: ['team'],
      },
      roles: {
        [ROLE_ARN]: { ...ROLE, policy: allow(['sts:AssumeRole', HOP]) },
        [HOP]: { trust: trustRole(ROLE_ARN), policy: allow([['sts:AssumeRole', 'sts:TagSession'], VAULT]) },
        [VAULT]: { trust: trustRole(HOP, 'payments-prod'), policy: allow(['secretsmanager:GetSecretValue', '*']) },
      },
    });

    const client = await connect();
    const { value } = await client.read({ key: 'app' }, CALL);

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(
      server.logins.map(({ operation, role, from, tags, transitiveTagKeys }) => [
        operation,
        role,
        from,
        tags,
        transitiveTagKeys,
      ]),
    ).toEqual([
      ['AssumeRoleWithWebIdentity', ROLE_ARN, 'system:serviceaccount:payments:api', {}, []],
      ['AssumeRole', HOP, ROLE_ARN, {}, []],
      ['AssumeRole', VAULT, HOP, { team: 'payments' }, ['team']],
    ]);
  });

  it('names both roles where the chain breaks', async () => {
    const { connect } = await openAws({
      block: { role: VAULT },
      roles: { [ROLE_ARN]: ROLE, [VAULT]: { trust: trustRole(HOP), policy: allow(['*', '*']) } },
    });

    const error = await failure(connect());

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.message).toBe(`AWS refused role ${VAULT} to role ${ROLE_ARN} (ServiceAccount payments/api)`);
  });

  it('names the last role in what it may not read', async () => {
    const { connect } = await openAws({
      secrets: SECRETS,
      block: { role: VAULT },
      roles: { [ROLE_ARN]: ROLE, [VAULT]: { trust: trustRole(ROLE_ARN), policy: allow() } },
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'app' }, CALL));

    expect(error.line).toContain(`role ${VAULT} (ServiceAccount payments/api)`);
    expect(error.line).toContain(`arn:aws:secretsmanager:eu-central-1:444455556666:secret:app-??????`);
    expect(error.line).toContain('check spec.provider.aws.role');
  });
});

describe('the login with an access key', () => {
  it('reads with the key itself, without a call to STS', async () => {
    const { server, identity, connect } = await openAws({
      secrets: SECRETS,
      accessKeys: ACCESS_KEYS,
      block: { auth: { secretRef: SECRET_REF } },
      identity: { credentials: CREDENTIALS },
    });

    const client = await connect();
    const { value } = await client.read({ key: 'app' }, CALL);

    expect(value.exposeText()).toBe(LEAK_MARKER);
    expect(client.expiresAt?.getTime()).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
    expect([identity.audiences, server.logins]).toEqual([[], []]);
  });

  it('assumes the role of the store with it', async () => {
    const { server, connect } = await openAws({
      secrets: SECRETS,
      accessKeys: ACCESS_KEYS,
      roles: { [VAULT]: { trust: trustRole(USER), policy: allow(['*', '*']) } },
      block: { auth: { secretRef: SECRET_REF }, role: VAULT },
      identity: { credentials: CREDENTIALS },
    });

    const client = await connect();
    await client.read({ key: 'app' }, CALL);

    expect(server.logins).toMatchObject([
      { operation: 'AssumeRole', role: VAULT, sessionName: 'latchkey-payments.api' },
    ]);
  });

  it.each([
    ['is unknown', { AKIAOTHER: ACCESS_KEYS.AKIATEST }],
    ['is another', { AKIATEST: { ...ACCESS_KEYS.AKIATEST, secretAccessKey: 'other' } }],
  ])('says which key it was when it %s', async (_, accessKeys) => {
    const { connect } = await openAws({
      accessKeys,
      block: { auth: { secretRef: SECRET_REF } },
      identity: { credentials: CREDENTIALS },
    });
    const client = await connect();

    const error = await failure(client.read({ key: 'app' }, CALL));

    expect(error.code).toBe('IDENTITY_REJECTED');
    expect(error.line).toContain('the access key in Secret aws');
  });
});

describe('the identity that a store is read with', () => {
  it('is not asked for anything when the store has mistakes', async () => {
    const identity = testIdentity();
    const store = aws.configure(Fields.of({ service: 'SecretsManager' }, 'aws'), {
      audiences: ['sts.amazonaws.com'],
      endpoints: [],
      maxResponseBytes: 65_536,
    });

    const error = await failure(store.connect(identity, CALL));

    expect(error.code).toBe('STORE_INVALID');
    expect(identity.audiences).toEqual([]);
  });
});
