import { describe, expect, it } from 'vitest';
import { aws } from '../../../../src/providers/aws/index.ts';
import type { Grant } from '../../../../src/providers/grant.ts';
import { type GrantsScene, grantsOf } from '../../../support/grants-of.ts';

const ROLE = 'arn:aws:iam::111122223333:role/payments';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:';
const PARAMETER = 'arn:aws:ssm:eu-central-1:111122223333:parameter/';

function awsGrants(block: object, refs: GrantsScene['refs'], rest: Partial<GrantsScene> = {}) {
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE };
  const limits = { audiences: ['sts.amazonaws.com'] };
  const all = { service: 'SecretsManager', region: 'eu-central-1', ...block };
  return grantsOf({ provider: aws, block: all, refs, annotations, limits, ...rest });
}

/** The statements of a policy, without what all have. */
function statementsOf(grant: Grant | undefined): readonly object[] {
  const { Statement }: { Statement: readonly { Effect: string }[] } = JSON.parse(grant?.text ?? '{}');
  return Statement.map(({ Effect, ...rest }) => {
    expect(Effect).toBe('Allow');
    return rest;
  });
}

/** The one statement of a policy, without what all have. */
function statementOf(grant: Grant | undefined): unknown {
  const { Version, Statement }: { Version: string; Statement: readonly object[] } = JSON.parse(grant?.text ?? '{}');
  expect({ Version, statements: Statement.length }).toEqual({ Version: '2012-10-17', statements: 1 });
  expect(Statement[0]).toHaveProperty('Effect', 'Allow');
  const { Effect: _, ...rest }: Record<string, unknown> = { ...Statement[0] };
  return rest;
}

function resources(grants: readonly Grant[]): unknown {
  const read = grants.find(({ purpose, optional }) => purpose === 'read' && optional !== true);
  return (statementOf(read) as { Resource: unknown }).Resource;
}

describe('what AWS must grant', () => {
  it('is the trust of the role, and what it may read', () => {
    const grants = awsGrants({}, ['payments/db']);

    expect(grants.map(({ purpose, principal }) => [purpose, principal])).toEqual([
      ['login', `role ${ROLE}`],
      ['read', `role ${ROLE}`],
    ]);
    expect(statementOf(grants[0])).toEqual({
      Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/ABCDEF' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'oidc.example.com/id/ABCDEF:sub': 'system:serviceaccount:payments:api',
          'oidc.example.com/id/ABCDEF:aud': 'sts.amazonaws.com',
        },
      },
    });
    expect(statementOf(grants[1])).toEqual({
      Action: 'secretsmanager:GetSecretValue',
      Resource: [`${SECRET}payments/db-??????`],
    });
    expect(grants[1]?.note).toContain('kms:Decrypt');
  });

  it.each([
    ['a name', {}, ['b', 'a', 'a'], [`${SECRET}a-??????`, `${SECRET}b-??????`]],
    ['a prefix', { prefix: 'payments/' }, ['db'], [`${SECRET}payments/db-??????`]],
    ['a whole ARN', {}, [`${SECRET}db-AbC123`], [`${SECRET}db-AbC123`]],
    ['an ARN without its six characters', {}, [`${SECRET}db`], [`${SECRET}db-??????`]],
    ['a parameter', { service: 'ParameterStore' }, ['/a/b', 'c'], [`${PARAMETER}a/b`, `${PARAMETER}c`]],
    ['versions of a parameter', { service: 'ParameterStore' }, ['/a:3', '/a:live'], [`${PARAMETER}a`]],
    ['the ARN of a parameter', { service: 'ParameterStore' }, [`${PARAMETER}a:3`], [`${PARAMETER}a`]],
    [
      'China',
      { region: 'cn-north-1', auth: { secretRef: accessKey() } },
      ['a'],
      ['arn:aws-cn:secretsmanager:cn-north-1:ACCOUNT:secret:a-??????'],
    ],
  ])('names what is read: %s', (_, block, refs, expected) => {
    const who = 'auth' in block ? { reader: 'none' as const } : {};

    expect(resources(awsGrants(block, refs, who))).toEqual(expected);
  });

  it.each([
    ['SecretsManager', '*'],
    ['SecretsManager', 'payments/?'],
    ['SecretsManager', '${aws:username}'],
    ['ParameterStore', '/payments/*'],
    ['ParameterStore', `${PARAMETER}*`],
  ])('refuses in %s the key %s, which a policy would take for a pattern', (service, key) => {
    expect(() => awsGrants({ service }, [key])).toThrow(/is no name that AWS takes for a (secret|parameter)$/);
  });

  it('reads tags where metadata are asked for', () => {
    const grants = awsGrants({}, [{ key: 'a', metadata: true }]);

    expect(statementOf(grants[1])).toEqual({
      Action: 'secretsmanager:DescribeSecret',
      Resource: [`${SECRET}a-??????`],
    });
  });

  it.each([
    ['SecretsManager', 'secretsmanager:BatchGetSecretValue', ['*']],
    ['ParameterStore', 'ssm:GetParameters', [`${PARAMETER}a`, `${PARAMETER}b`]],
  ])('marks the batch call of %s as optional', (service, Action, Resource) => {
    const batch = awsGrants({ service }, ['b', 'a']).at(-1);

    expect(batch?.optional).toBe(true);
    expect(statementOf(batch)).toEqual({ Action, Resource });
  });

  it.each([
    ['one secret', {}, ['a']],
    ['versions, which are read one by one', {}, ['a', { key: 'b', version: 'AWSPREVIOUS' }]],
    ['ARNs of parameters', { service: 'ParameterStore' }, [`${PARAMETER}a`, `${PARAMETER}b`]],
  ])('asks for no batch call for %s', (_, block, refs) => {
    expect(awsGrants(block, refs).filter(({ optional }) => optional)).toEqual([]);
  });

  const TAGS = { team: 'pay', tier: '' };
  const IF_TAGGED = { Condition: { StringEquals: { 'aws:ResourceTag/team': 'pay', 'aws:ResourceTag/tier': '' } } };
  const LIST = { Action: 'secretsmanager:ListSecrets', Resource: ['*'] };
  const BATCH = { Action: 'secretsmanager:BatchGetSecretValue', Resource: ['*'] };

  it.each([
    ['all of an expression that says no beginning', { name: { regexp: 'db' } }, `${SECRET}*`],
    ['those below a path', { path: 'prod/', name: { regexp: 'db' } }, `${SECRET}prod/*`],
    ['the beginning of an expression', { path: 'prod/', name: { regexp: '^prod/db-' } }, `${SECRET}prod/db-*`],
  ])('lets it list secrets and read %s', (_, query, resource) => {
    const [, read, batch] = awsGrants({}, [], { finds: [query] });

    expect(statementsOf(read)).toEqual([LIST, { Action: 'secretsmanager:GetSecretValue', Resource: [resource] }]);
    expect(read?.note).toMatch(/^what is found is opened by the beginning of its name/);
    expect(statementsOf(batch)).toEqual([BATCH]);
    expect(batch?.optional).toBe(true);
  });

  it('lets it read only the secrets with the tags that are looked for', () => {
    const [, read] = awsGrants({}, ['own'], { finds: [{ tags: TAGS }, { tags: TAGS }] });

    expect(statementsOf(read)).toEqual([
      { Action: 'secretsmanager:GetSecretValue', Resource: [`${SECRET}own-??????`] },
      LIST,
      { Action: 'secretsmanager:GetSecretValue', Resource: [`${SECRET}*`], ...IF_TAGGED },
    ]);
  });

  it.each([
    ['/', undefined, ''],
    ['a path', '/prod', 'prod'],
    ['a path without its slash', 'prod/', 'prod/'],
  ])('lets it read the parameters by %s with one right', (_, path, resource) => {
    const query = { ...(path !== undefined && { path }), name: { regexp: 'db' }, tags: TAGS };

    const [, read, ...others] = awsGrants({ service: 'ParameterStore' }, [], { finds: [query] });

    expect(statementsOf(read)).toEqual([{ Action: 'ssm:GetParametersByPath', Resource: [`${PARAMETER}${resource}`] }]);
    expect(others).toEqual([]);
  });

  it.each([
    [undefined, '*'],
    ['/prod/', 'prod/*'],
  ])('lets it list parameters and read those with the tags below %s', (path, resource) => {
    const query = { ...(path !== undefined && { path }), tags: TAGS };

    const [, read, batch] = awsGrants({ service: 'ParameterStore' }, [], { finds: [query] });

    const Resource = [PARAMETER + resource];
    expect(statementsOf(read)).toEqual([
      { Action: 'ssm:DescribeParameters', Resource: ['*'] },
      { Action: 'ssm:GetParameter', Resource, ...IF_TAGGED },
    ]);
    expect(statementsOf(batch)).toEqual([{ Action: 'ssm:GetParameters', Resource, ...IF_TAGGED }]);
  });

  it.each([
    ['neither name nor tags', 'SecretsManager', {}, /has neither name nor tags/],
    ['a pattern in its path', 'SecretsManager', { path: 'a*', name: { regexp: 'b' } }, /is no beginning of names/],
    ['a pattern in its path', 'ParameterStore', { path: '/*', name: { regexp: 'b' } }, /is no path of parameters/],
    ['a variable of policies as a tag', 'SecretsManager', { tags: { team: '${aws:username}' } }, /is no tag/],
    ['a pattern as a tag', 'ParameterStore', { tags: { '*': 'a' } }, /is no tag/],
  ])('refuses a find with %s in %s', (_, service, query, message) => {
    expect(() => awsGrants({ service }, [], { finds: [query] })).toThrow(message);
  });

  it('lets each role assume the next, and the last one read', () => {
    const [first, last] = ['arn:aws:iam::222222222222:role/hub', 'arn:aws:iam::333333333333:role/data'];
    const block = {
      additionalRoles: [first],
      role: last,
      externalID: 'pay',
      sessionTags: [{ key: 'team', value: 'pay' }],
    };

    const grants = awsGrants(block, ['a']);

    expect(grants.map(({ principal }) => principal)).toEqual(
      [ROLE, ROLE, first, first, last, last].map((arn) => `role ${arn}`),
    );
    expect(grants.slice(1, 5).map(statementOf)).toEqual([
      { Action: 'sts:AssumeRole', Resource: first },
      { Action: 'sts:AssumeRole', Principal: { AWS: ROLE } },
      { Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: last },
      {
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Principal: { AWS: first },
        Condition: { StringEquals: { 'sts:ExternalId': 'pay' } },
      },
    ]);
    expect(resources(grants)).toEqual(['arn:aws:secretsmanager:eu-central-1:333333333333:secret:a-??????']);
  });

  it('is for the user of the access key where the store has one', () => {
    const grants = awsGrants({ auth: { secretRef: accessKey() } }, ['a'], { reader: 'none' });

    expect(grants).toMatchObject([{ purpose: 'read', principal: 'the user of the access key in Secret aws (key id)' }]);
  });

  it('takes the audience of the ServiceAccount where it names one', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/audience': 'other' };

    const [trust] = awsGrants({}, ['a'], { annotations, limits: { audiences: ['sts.amazonaws.com', 'other'] } });

    expect(trust?.text).toContain('"oidc.example.com/id/ABCDEF:aud": "other"');
  });
});

function accessKey() {
  return { accessKeyIDSecretRef: { name: 'aws', key: 'id' }, secretAccessKeySecretRef: { name: 'aws', key: 'secret' } };
}
