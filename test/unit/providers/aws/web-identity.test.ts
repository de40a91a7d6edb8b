import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { Fields } from '../../../../src/fields.ts';
import { createAws } from '../../../../src/providers/aws/index.ts';
import { readSettings } from '../../../../src/providers/aws/settings.ts';
import { webIdentityOf } from '../../../../src/providers/aws/web-identity.ts';
import type { ProviderLimits } from '../../../../src/providers/provider.ts';

const ROLE = 'arn:aws:iam::111122223333:role/payments';
const LIMITS: ProviderLimits = { audiences: ['sts.amazonaws.com', 'aws-eu'], endpoints: [], maxResponseBytes: 65_536 };
const BLOCK = { service: 'SecretsManager', region: 'eu-central-1' };

function lookUp(annotations: Readonly<Record<string, string>>, limits: Partial<ProviderLimits> = {}) {
  const facts = { namespace: 'payments', name: 'api', uid: 'u', annotations };
  const all = { ...LIMITS, ...limits };
  const found = webIdentityOf(facts, readSettings(Fields.of(BLOCK, 'aws'), all), 'sts.amazonaws.com', all);
  return found instanceof LatchkeyError ? found.line : found;
}

describe('webIdentityOf', () => {
  it('reads the role, and what goes without saying', () => {
    expect(lookUp({ 'eks.amazonaws.com/role-arn': ROLE })).toEqual({
      role: { arn: ROLE, partition: 'aws', account: '111122223333' },
      audience: 'sts.amazonaws.com',
      stsUrl: 'https://sts.eu-central-1.amazonaws.com',
    });
  });

  it('reads audience and endpoint of STS', () => {
    const annotations = {
      'eks.amazonaws.com/role-arn': ROLE,
      'eks.amazonaws.com/audience': 'aws-eu',
      'eks.amazonaws.com/sts-regional-endpoints': 'false',
    };

    expect(lookUp(annotations)).toMatchObject({ audience: 'aws-eu', stsUrl: 'https://sts.amazonaws.com' });
  });

  it.each([
    [
      {},
      'ServiceAccount payments/api has no AWS role: it lacks the annotation eks.amazonaws.com/role-arn. ' +
        'Create a role that trusts it, and name it: kubectl annotate serviceaccount -n payments api ' +
        'eks.amazonaws.com/role-arn=arn:aws:iam::ACCOUNT:role/NAME. [IDENTITY_REJECTED]',
    ],
    [
      { 'eks.amazonaws.com/role-arn': 'payments' },
      'the annotation eks.amazonaws.com/role-arn of ServiceAccount payments/api must be the ARN of a role such as ' +
        '"arn:aws:iam::111122223333:role/payments". Correct it: kubectl annotate serviceaccount -n payments api ' +
        '--overwrite eks.amazonaws.com/role-arn=…. [IDENTITY_REJECTED]',
    ],
    [
      { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/audience': 'vault' },
      'the annotation eks.amazonaws.com/audience of ServiceAccount payments/api is refused: the audience "vault" is not in ' +
        "the operator's list identity.audiences.aws (sts.amazonaws.com, aws-eu). " +
        'Correct or remove the annotation, or ask the operator to add the audience. [AUDIENCE_NOT_ALLOWED]',
    ],
  ])('says what %j lacks', (annotations, line) => {
    expect(lookUp(annotations)).toBe(line);
  });

  it('keeps to the hosts of the operator', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/sts-regional-endpoints': 'false' };

    const line = lookUp(annotations, { endpoints: ['*.eu-central-1.amazonaws.com'] });

    expect(line).toContain('the host "sts.amazonaws.com" is not in');
    expect(line).toContain('[ENDPOINT_NOT_ALLOWED]');
  });
});

describe('what a store needs', () => {
  const aws = createAws({ now: Date.now, sleep: () => Promise.resolve() });

  it('tells a plan what a ServiceAccount lacks', () => {
    const { needs } = aws.configure(Fields.of(BLOCK, 'aws'), LIMITS);
    const facts = { namespace: 'payments', name: 'api', uid: 'u' };

    expect(needs).toMatchObject({ who: 'pod', audiences: ['sts.amazonaws.com'], credentials: [] });
    expect(needs.check?.({ ...facts, annotations: {} })?.code).toBe('IDENTITY_REJECTED');
    expect(needs.check?.({ ...facts, annotations: { 'eks.amazonaws.com/role-arn': ROLE } })).toBeUndefined();
  });

  it('declares the credentials that it will read', () => {
    const secretRef = {
      accessKeyIDSecretRef: { name: 'aws', key: 'id' },
      secretAccessKeySecretRef: { name: 'aws', key: 'secret', namespace: 'vaults' },
      sessionTokenSecretRef: { name: 'aws', key: 'token' },
    };

    const { needs } = aws.configure(Fields.of({ ...BLOCK, auth: { secretRef } }, 'aws'), LIMITS);

    expect(needs).toEqual({
      who: 'credentials',
      audiences: [],
      caBundles: [],
      credentials: [
        { kind: 'Secret', name: 'aws', key: 'id' },
        { kind: 'Secret', namespace: 'vaults', name: 'aws', key: 'secret' },
        { kind: 'Secret', name: 'aws', key: 'token' },
      ],
    });
  });

  it('names the ServiceAccount of the store', () => {
    const auth = { jwt: { serviceAccountRef: { name: 'reader' } } };

    const { needs } = aws.configure(Fields.of({ ...BLOCK, auth }, 'aws'), LIMITS);

    expect(needs).toMatchObject({ who: 'serviceAccount', serviceAccount: { name: 'reader' } });
  });
});
