import { LatchkeyError } from '../errors.ts';
import { isJsonObject, parseJson, toGoJson, toGoText } from '../providers/json.ts';
import { SecretValue } from '../secret-value.ts';
import type { Content } from './content.ts';
import type { Rewrite } from './definition.ts';

type Merge = Extract<Rewrite, { readonly kind: 'merge' }>;

/**
 * One object out of all values, which have to be JSON objects. `Extract` makes it the whole content; `JSON` stores it beside
 * the others. Keys merge in alphabetical order, those of `priority` after them: of equal properties the last one counts.
 */
export function mergeMaps(content: Content, merge: Merge): Content {
  const merged = new Map<string, unknown>();
  const conflicts: string[] = [];
  for (const key of orderOf(content, merge)) {
    for (const [name, property] of Object.entries(readObject(content, key))) {
      if (merged.has(name)) conflicts.push(name);
      merged.set(name, property);
    }
  }
  if (conflicts.length > 0 && merge.conflictPolicy === 'Error') throw conflict(conflicts);
  if (merge.strategy === 'Extract') {
    return new Map(Array.from(merged, ([name, property]) => [name, SecretValue.fromText(toGoText(property))]));
  }
  const object = toGoJson(Object.fromEntries(merged), { escapesHtml: false });
  return new Map([...content, [merge.into, SecretValue.fromText(object)]]);
}

function orderOf(content: Content, { priority, priorityPolicy }: Merge): readonly string[] {
  const missing = priority.find((key) => !content.has(key));
  if (missing !== undefined && priorityPolicy === 'Strict') {
    throw new LatchkeyError('VALUE_INVALID', `merge failed with key "${missing}" not found in input map`, {
      hint: 'Correct priority, or set priorityPolicy: IgnoreNotFound',
    });
  }
  const others = [...content.keys()].filter((key) => !priority.includes(key));
  others.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return [...others, ...priority.filter((key) => content.has(key))];
}

/** The parser's own message would quote the value. */
function readObject(content: Content, key: string): Readonly<Record<string, unknown>> {
  const parsed = parse(content.get(key)?.exposeText() ?? '');
  if (parsed === null) return {};
  if (isJsonObject(parsed)) return parsed;
  throw new LatchkeyError('VALUE_INVALID', `merge failed: the value of "${key}" is no JSON object`, {
    hint: 'Leave it out with a rewrite before the merge, or store an object',
  });
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function conflict(names: readonly string[]): LatchkeyError {
  return new LatchkeyError('VALUE_INVALID', `merge failed with conflicts: ${names.join(', ')}`, {
    hint: 'Set conflictPolicy: Ignore and a priority, or rename what conflicts',
  });
}
