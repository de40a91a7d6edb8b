import { describe, expect, it } from 'vitest';
import { partitionOf } from '../../../../src/providers/aws/partitions.ts';

describe('partitionOf', () => {
  it.each([
    ['eu-central-1', 'aws', 'amazonaws.com'],
    ['us-east-1', 'aws', 'amazonaws.com'],
    ['ap-southeast-7', 'aws', 'amazonaws.com'],
    ['cn-northwest-1', 'aws-cn', 'amazonaws.com.cn'],
    ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com'],
    ['us-iso-east-1', 'aws-iso', 'c2s.ic.gov'],
    ['us-isob-east-1', 'aws-iso-b', 'sc2s.sgov.gov'],
    ['eu-isoe-west-1', 'aws-iso-e', 'cloud.adc-e.uk'],
    ['us-isof-south-1', 'aws-iso-f', 'csp.hci.ic.gov'],
    ['eusc-de-east-1', 'aws-eusc', 'amazonaws.eu'],
  ])('puts %s into %s', (region, name, domain) => {
    expect(partitionOf(region)).toEqual({ name, domain });
  });

  it.each(['', 'global', 'eu-central', 'EU-CENTRAL-1', 'eu-central-1.example.com', 'x/eu-central-1', 'eu-central-1\n'])(
    'takes %j for no region',
    (region) => {
      expect(partitionOf(region)).toBeUndefined();
    },
  );
});
