/** A separate AWS: its own accounts, ARNs and domain. */
export interface Partition {
  /** As in `arn:aws-cn:…`. */
  readonly name: string;
  readonly domain: string;
}

/** By the form of their regions, as the SDK's partitions.json has them; the last takes regions that are yet to open. */
const PARTITIONS: readonly (readonly [RegExp, Partition])[] = [
  [/^cn-[a-z]+-\d{1,2}$/, { name: 'aws-cn', domain: 'amazonaws.com.cn' }],
  [/^us-gov-[a-z]+-\d{1,2}$/, { name: 'aws-us-gov', domain: 'amazonaws.com' }],
  [/^us-iso-[a-z]+-\d{1,2}$/, { name: 'aws-iso', domain: 'c2s.ic.gov' }],
  [/^us-isob-[a-z]+-\d{1,2}$/, { name: 'aws-iso-b', domain: 'sc2s.sgov.gov' }],
  [/^eu-isoe-[a-z]+-\d{1,2}$/, { name: 'aws-iso-e', domain: 'cloud.adc-e.uk' }],
  [/^us-isof-[a-z]+-\d{1,2}$/, { name: 'aws-iso-f', domain: 'csp.hci.ic.gov' }],
  [/^eusc-[a-z]+-[a-z]+-\d{1,2}$/, { name: 'aws-eusc', domain: 'amazonaws.eu' }],
  [/^[a-z]{2}-[a-z]+-\d{1,2}$/, { name: 'aws', domain: 'amazonaws.com' }],
];

/** The partition of a region; undefined where the text is none, so that no text of a store becomes part of a host name unread. */
export function partitionOf(region: string): Partition | undefined {
  return PARTITIONS.find(([pattern]) => pattern.test(region))?.[1];
}
