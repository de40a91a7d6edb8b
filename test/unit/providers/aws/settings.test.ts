import { describe, expect, it } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import { readSettings } from '../../../../src/providers/aws/settings.ts';
import type { ProviderLimits } from '../../../../src/providers/provider.ts';

const LIMITS: ProviderLimits = { audiences: ['sts.amazonaws.com', 'aws-eu'], endpoints: [], maxResponseBytes: 65_536 };
const BLOCK = { service: 'SecretsManager', region: 'eu-central-1' };
const ROLE = 'arn:aws:iam::111122223333:role/payments';
const HOP = 'arn:aws:iam::111122223333:role/hop';

function read(block: object, limits: Partial<ProviderLimits> = {}) {
  const fields = Fields.of({ ...BLOCK, ...block }, 'aws');
  const settings = readSettings(fields, { ...LIMITS, ...limits });
  return { settings, problems: fields.problems.map(({ path, message }) => `${path} ${message}`) };
}

describe('readSettings', () => {
  it('reads the least that a store can say', () => {
    const { settings, problems } = read({});

    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      service: 'SecretsManager',
      region: 'eu-central-1',
      prefix: '',
      auth: { method: 'webIdentity', audience: 'sts.amazonaws.com' },
      roles: [],
    });
  });

  it.each([
    [{}, 'secretsmanager.eu-central-1.amazonaws.com', 'sts.eu-central-1.amazonaws.com', 'sts.amazonaws.com'],
    [
      { service: 'ParameterStore', region: 'cn-north-1' },
      'ssm.cn-north-1.amazonaws.com.cn',
      'sts.cn-north-1.amazonaws.com.cn',
      'sts.cn-north-1.amazonaws.com.cn',
    ],
    [
      { region: 'us-gov-west-1' },
      'secretsmanager.us-gov-west-1.amazonaws.com',
      'sts.us-gov-west-1.amazonaws.com',
      'sts.us-gov-west-1.amazonaws.com',
    ],
  ])('finds the hosts of %j', (block, service, sts, globalSts) => {
    expect(read(block).settings.endpoints).toEqual({
      service: `https://${service}`,
      sts: `https://${sts}`,
      globalSts: `https://${globalSts}`,
    });
  });

  it('asks where the operator moved a service', () => {
    const endpointUrls = { sts: 'https://sts.internal:8443', ssm: 'http://ssm.internal' };

    const { settings } = read({ service: 'ParameterStore' }, { endpointUrls });

    expect(settings.endpoints).toEqual({
      service: 'http://ssm.internal',
      sts: 'https://sts.internal:8443',
      globalSts: 'https://sts.internal:8443',
    });
  });

  it.each([
    [['*.eu-central-1.amazonaws.com'], []],
    [
      ['sts.eu-central-1.amazonaws.com'],
      [
        'aws.region the host "secretsmanager.eu-central-1.amazonaws.com" is not in the operator\'s list identity.endpoints.aws (sts.eu-central-1.amazonaws.com)',
      ],
    ],
  ])("keeps to the operator's hosts %j", (endpoints, problems) => {
    expect(read({}, { endpoints }).problems).toEqual(problems);
  });

  it('needs STS only where a role or a token is used', () => {
    const auth = {
      secretRef: {
        accessKeyIDSecretRef: { name: 'aws', key: 'id' },
        secretAccessKeySecretRef: { name: 'aws', key: 'secret' },
      },
    };
    const endpoints = ['secretsmanager.eu-central-1.amazonaws.com'];

    expect(read({ auth }, { endpoints }).problems).toEqual([]);
    expect(read({ auth, role: ROLE }, { endpoints }).problems).toHaveLength(1);
  });

  it('reads the chain of roles, the last with all that belongs to it', () => {
    const { settings, problems } = read({
      role: ROLE,
      additionalRoles: [HOP],
      externalID: 'payments-prod',
      sessionTags: [
        { key: 'team', value: 'payments' },
        { key: 'empty', value: '' },
      ],
      transitiveTagKeys: ['team'],
    });

    expect(problems).toEqual([]);
    expect(settings.roles).toEqual([
      { arn: HOP, field: 'additionalRoles[0]', tags: [], transitiveTagKeys: [] },
      {
        arn: ROLE,
        field: 'role',
        externalId: 'payments-prod',
        tags: [
          { Key: 'team', Value: 'payments' },
          { Key: 'empty', Value: '' },
        ],
        transitiveTagKeys: ['team'],
      },
    ]);
  });

  it.each([
    [{ role: 'payments' }, 'aws.role must be the ARN of a role such as "arn:aws:iam::111122223333:role/payments"'],
    [
      { region: 'cn-north-1', additionalRoles: [HOP] },
      "aws.additionalRoles[0] must be a role of partition aws-cn, where the store's region lies, not of aws",
    ],
    [{ externalID: 'payments' }, 'aws.externalID needs role: it is for the role assumed last'],
    [{ role: ROLE, additionalRoles: Array(11).fill(HOP) }, 'aws.additionalRoles must name at most 10 roles'],
    [
      { service: 'CertificateManager' },
      'aws.service CertificateManager is not supported yet; use SecretsManager or ParameterStore',
    ],
    [{ service: undefined }, 'aws.service is required: SecretsManager or ParameterStore'],
    [{ region: 'nowhere' }, 'aws.region must be a region such as "eu-central-1"'],
    [{ region: ' ' }, 'aws.region must be a region such as "eu-central-1"'],
    [{ auth: { jwt: {} } }, 'aws.auth.jwt.serviceAccountRef is required'],
  ])('names the mistake in %j', (block, problem) => {
    expect(read(block).problems).toEqual([problem]);
  });

  it('prefers jwt to secretRef, and the audience that it names', () => {
    const secretRef = {
      accessKeyIDSecretRef: { name: 'aws', key: 'id' },
      secretAccessKeySecretRef: { name: 'aws', key: 'secret' },
    };
    const jwt = { serviceAccountRef: { name: 'reader', namespace: 'vaults', audiences: ['aws-eu'] } };

    const { settings } = read({ auth: { jwt, secretRef } });

    expect(settings.auth).toEqual({
      method: 'webIdentity',
      audience: 'aws-eu',
      serviceAccount: { name: 'reader', namespace: 'vaults' },
    });
  });

  it('takes what concerns writing as it is', () => {
    expect(read({ secretsManager: { forceDeleteWithoutRecovery: true } }).problems).toEqual([]);
    expect(read({ secretsManager: { recoveryWindowInDays: 7 } }).problems).toEqual([]);
  });
});
