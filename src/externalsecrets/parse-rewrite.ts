import type { Fields } from '../fields.ts';
import type { Rewrite } from './definition.ts';
import { parseGoRegexp } from './parse-go-regexp.ts';

const KINDS = ['regexp', 'transform', 'merge'] as const;

/** One operation of `rewrite[]`. */
export function parseRewrite(operation: Fields): Rewrite {
  const named = KINDS.filter((kind) => operation.has(kind));
  const [kind] = named;
  const fields = kind && operation.object(kind);
  if (named.length !== 1 || fields === undefined) {
    operation.problem('', `must hold one of ${KINDS.join(', ')}`);
    return { kind: 'transform', template: '' };
  }
  if (kind === 'merge') return parseMerge(fields);
  if (kind === 'transform') return { kind, template: requiredText(fields, 'template') };
  const source = requiredText(fields, 'source');
  parseGoRegexp(fields, 'source', source);
  return { kind: 'regexp', source, target: requiredText(fields, 'target') };
}

function parseMerge(fields: Fields): Rewrite {
  const strategy = fields.oneOf('strategy', ['Extract', 'JSON'], 'Extract');
  const into = fields.raw('into') === '' ? undefined : fields.optionalText('into');
  if (strategy === 'JSON' && into === undefined) fields.problem('into', 'is required with strategy JSON');
  return {
    kind: 'merge',
    strategy,
    into: into ?? '',
    conflictPolicy: fields.oneOf('conflictPolicy', ['Error', 'Ignore'], 'Error'),
    priority: fields.texts('priority'),
    priorityPolicy: fields.oneOf('priorityPolicy', ['Strict', 'IgnoreNotFound'], 'Strict'),
  };
}

/** Empty is a text too: a target that removes what the source matches. */
function requiredText(fields: Fields, name: string): string {
  return fields.raw(name) === '' ? '' : fields.text(name);
}
