import { RE2JS } from 're2js';
import type { Fields } from '../fields.ts';
import { readLabelSelector } from './label-selector.ts';
import type { NamespaceFacts } from './store.ts';

export type NamespaceMatcher = (namespace: NamespaceFacts) => boolean;

const MAX_REGEX_LENGTH = 1000; // a namespace's name has 63 characters at most

/**
 * Reads `spec.conditions`: one matcher of one entry has to fit; without entries every namespace may. What has a mistake fits
 * nothing.
 */
export function readConditions(spec: Fields): NamespaceMatcher {
  const isOpen = !spec.has('conditions') || isEmptyList(spec.raw('conditions'));
  if (isOpen) return () => true;

  const matchers = spec.list('conditions').flatMap(readCondition);
  return (namespace) => matchers.some((matches) => matches(namespace));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function readCondition(condition: Fields): readonly NamespaceMatcher[] {
  const selector = condition.object('namespaceSelector');
  const selects = selector === undefined ? undefined : readLabelSelector(selector);
  const names = new Set(condition.texts('namespaces'));
  const patterns = condition.texts('namespaceRegexes').flatMap((text, index) => compile(text, index, condition));
  return [
    ...(selects === undefined ? [] : [({ labels }: NamespaceFacts) => selects(labels)]),
    ({ name }) => names.has(name),
    // Unanchored, as Go matches: `test-` fits wherever in the name it stands.
    ...patterns.map(
      (pattern): NamespaceMatcher =>
        ({ name }) =>
          pattern.test(name),
    ),
  ];
}

function compile(text: string, index: number, condition: Fields): readonly RE2JS[] {
  const field = `namespaceRegexes[${index}]`;
  if (text.length > MAX_REGEX_LENGTH) {
    condition.problem(field, `must be at most ${MAX_REGEX_LENGTH} characters long`);
    return [];
  }
  try {
    return [RE2JS.compile(text)];
  } catch {
    condition.problem(field, 'is not a regular expression that Go (RE2) accepts');
    return [];
  }
}
