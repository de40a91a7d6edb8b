import { hash } from 'node:crypto';
import type { DefinitionFacts } from '../planning/definition.ts';
import { copiedMetadata } from './apply-template.ts';
import type { Definition } from './definition.ts';
import { storesOf } from './stores-of.ts';

/** What planning knows of a definition. */
export function toFacts(definition: Definition): DefinitionFacts {
  const { namespace, name, uid, spec, problems } = definition;
  const { target } = spec;
  return {
    namespace,
    name,
    uid,
    digest: digestOf(definition),
    stores: storesOf(definition),
    target: target.creationPolicy === 'None' ? undefined : target.name,
    type: target.template?.type ?? 'Opaque',
    problems,
  };
}

/** Only of what decides the content: when it is refreshed, and what becomes of the Secret, changes no copy. */
function digestOf(definition: Definition): string {
  const { data, dataFrom, target } = definition.spec;
  const copied = target.template === undefined ? copiedMetadata(definition) : {};
  const content = [data, dataFrom, target.template, target.deletionPolicy, copied];
  return hash('sha256', JSON.stringify(content, sortKeys), 'hex');
}

/** Maps of a manifest come in any order. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
