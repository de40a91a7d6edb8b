import { describe, expect, it } from 'vitest';
import { parseRole, roleProblem } from '../../../../src/providers/aws/role.ts';

describe('parseRole', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/payments', 'aws'],
    ['arn:aws-cn:iam::111122223333:role/teams/payments', 'aws-cn'],
    ['arn:aws-us-gov:iam::111122223333:role/a+b=c,d.e@f_g-h', 'aws-us-gov'],
    ['arn:aws-iso-b:iam::111122223333:role/payments', 'aws-iso-b'],
  ])('reads %s', (arn, partition) => {
    expect(parseRole(arn)).toEqual({ arn, partition, account: '111122223333' });
  });

  it.each([
    '',
    'payments',
    'arn:aws:iam::1:role/payments',
    'arn:aws:iam::111122223333:user/payments',
    'arn:aws:sts::111122223333:assumed-role/payments/x',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:role/a b',
  ])('takes %j for no role', (text) => {
    expect(parseRole(text)).toBeUndefined();
  });
});

describe('roleProblem', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/payments', 'aws', undefined],
    ['payments', 'aws-cn', 'must be the ARN of a role such as "arn:aws-cn:iam::111122223333:role/payments"'],
    [
      'arn:aws:iam::111122223333:role/payments',
      'aws-us-gov',
      "must be a role of partition aws-us-gov, where the store's region lies, not of aws",
    ],
  ])('says of %s in %s: %s', (arn, partition, problem) => {
    expect(roleProblem(arn, partition)).toBe(problem);
  });
});
