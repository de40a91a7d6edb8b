import { isMapping } from '../../fields.ts';
import type { KubeObject } from '../kube-object.ts';
import { badRequest, notImplemented } from './refusals.ts';

type Test = (object: KubeObject) => boolean;

const IN = /^([^\s!=(),]+)\s+(in|notin)\s+\(([^()]*)\)$/;
const EQUAL = /^([^\s!=(),]+)\s*(==|=|!=)\s*([^\s!=(),]*)$/;
const EXISTS = /^(!?)\s*([^\s!=(),]+)$/;
/** Fields that the API server can select by, with those of Pods and Secrets. */
const FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.phase',
  'type',
];

/** Equality and set-based label selectors, and equality field selectors. */
export function parseSelectors(query: Readonly<Record<string, string>>): Test {
  const tests = [
    ...splitTopLevel(query['labelSelector'] ?? '').map(labelTest),
    ...splitTopLevel(query['fieldSelector'] ?? '').map(fieldTest),
  ];
  return (object) => tests.every((test) => test(object));
}

function labelTest(text: string): Test {
  const set = IN.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    // `notin` and `!=` also select what lacks the label.
    return (object) => values.includes(labelOf(object, key) ?? '\0') === (operator === 'in');
  }
  const equal = EQUAL.exec(text);
  if (equal !== null) {
    const [, key = '', operator, value] = equal;
    return (object) => (labelOf(object, key) === value) === (operator !== '!=');
  }
  const exists = EXISTS.exec(text);
  if (exists === null) throw badRequest(`unable to parse the label selector "${text}"`);
  const [, negation, key = ''] = exists;
  return (object) => (labelOf(object, key) !== undefined) === (negation === '');
}

function fieldTest(text: string): Test {
  const [, field = '', operator, wanted] = EQUAL.exec(text) ?? [];
  if (operator === undefined) throw badRequest(`unable to parse the field selector "${text}"`);
  if (!FIELDS.includes(field)) throw notImplemented(`the field selector "${field}"`);
  return (object) => (fieldOf(object, field) === wanted) === (operator !== '!=');
}

function labelOf(object: KubeObject, key: string): string | undefined {
  return object.metadata.labels?.[key];
}

function fieldOf(object: KubeObject, field: string): string {
  const value = field.split('.').reduce<unknown>((at, name) => (isMapping(at) ? at[name] : undefined), object);
  return typeof value === 'string' ? value : '';
}

/** Splits at commas that stand outside of parentheses. */
function splitTopLevel(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
