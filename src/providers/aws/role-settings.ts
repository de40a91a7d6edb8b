import type { Fields } from '../../fields.ts';
import type { Partition } from './partitions.ts';
import { roleProblem } from './role.ts';

/** One AssumeRole. */
export interface RoleStep {
  readonly arn: string;
  /** Address of the role in the store, for messages. */
  readonly field: string;
  readonly externalId?: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly transitiveTagKeys: readonly string[];
}

// What STS takes.
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const MAX_TAGS = 50;
const MAX_ADDITIONAL_ROLES = 10; // each costs a call at every login

/** `additionalRoles` in order, then `role`, which alone gets the external id and the tags. */
export function readRoles(block: Fields, partition: Partition | undefined): readonly RoleStep[] {
  const additional = block.texts('additionalRoles');
  if (additional.length > MAX_ADDITIONAL_ROLES) {
    block.problem('additionalRoles', `must name at most ${MAX_ADDITIONAL_ROLES} roles`);
  }
  const arn = block.optionalText('role', { example: 'arn:aws:iam::111122223333:role/payments' });
  const externalId = block.optionalText('externalID', { pattern: EXTERNAL_ID, example: 'payments-prod' });
  const tags = readTags(block);
  const transitiveTagKeys = block.texts('transitiveTagKeys');
  if (block.oneOf('sessionTagsPolicy', ['None', 'Simple', 'Custom'], 'None') !== 'None') {
    block.problem('sessionTagsPolicy', 'is not supported yet; write the tags into sessionTags');
  }
  if (arn === undefined && !block.has('role')) {
    // Without the role they would say nothing, and somebody relies on them.
    for (const name of ['externalID', 'sessionTags', 'transitiveTagKeys']) {
      if (block.has(name)) block.problem(name, 'needs role: it is for the role assumed last');
    }
  }

  const plain = { tags: [], transitiveTagKeys: [] };
  const steps: readonly RoleStep[] = [
    ...additional.map((role, index) => ({ ...plain, arn: role, field: `additionalRoles[${index}]` })),
    ...(arn === undefined
      ? []
      : [{ arn, field: 'role', tags, transitiveTagKeys, ...(externalId !== undefined && { externalId }) }]),
  ];
  for (const { arn: role, field } of steps) {
    const problem = partition && roleProblem(role, partition.name);
    if (problem !== undefined) block.problem(field, problem);
  }
  return steps;
}

function readTags(block: Fields): RoleStep['tags'] {
  const items = block.list('sessionTags');
  if (items.length > MAX_TAGS) block.problem('sessionTags', `must have at most ${MAX_TAGS} tags`);
  return items.map((item) => {
    const value = item.raw('value');
    const isValue = typeof value === 'string' && TAG_VALUE.test(value);
    if (!isValue) item.problem('value', 'must be a string such as "payments"');
    return { Key: item.text('key', { pattern: TAG_KEY, example: 'team' }), Value: isValue ? value : '' };
  });
}
