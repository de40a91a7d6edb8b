import type { Fields } from '../fields.ts';
import type { TargetSpec } from './definition.ts';
import type { Warn } from './parse-spec.ts';
import { parseTemplate } from './parse-template.ts';

const CREATION_POLICIES = ['Owner', 'Orphan', 'Merge', 'CreateOrMerge', 'None'] as const;
const DELETION_POLICIES = ['Retain', 'Delete', 'Merge'] as const;
const NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `spec.target`, which may be left out altogether. */
export function parseTarget(spec: Fields, definitionName: string, warn: Warn): TargetSpec {
  const target = spec.object('target');
  const name = target?.raw('name') === '' ? undefined : target?.optionalText('name', { pattern: NAME, example: 'db' });
  const creationPolicy = target?.oneOf('creationPolicy', CREATION_POLICIES, 'Owner') ?? 'Owner';
  const deletionPolicy = target?.oneOf('deletionPolicy', DELETION_POLICIES, 'Retain') ?? 'Retain';
  if (deletionPolicy === 'Delete' && creationPolicy !== 'Owner' && creationPolicy !== 'Orphan') {
    target?.problem(
      '',
      "deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set creationPolicy=Owner",
    );
  }
  if (deletionPolicy === 'Merge' && creationPolicy === 'None') {
    target?.problem(
      '',
      'deletionPolicy=Merge must not be used with creationPolicy=None. There is no Secret to merge with',
    );
  }
  if (target?.has('manifest')) target.problem('manifest', 'is not supported: Latchkey makes Secrets only');
  return {
    name: name ?? definitionName,
    creationPolicy,
    deletionPolicy,
    immutable: target?.boolean('immutable', false) ?? false,
    template: parseTemplate(target?.object('template'), warn),
  };
}
