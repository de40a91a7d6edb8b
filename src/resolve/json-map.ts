import { LatchkeyError } from '../errors.ts';
import type { SecretValue } from '../secret-value.ts';
import { fromByteString, toByteString } from '../byte-string.ts';
import { Budget } from './gjson/budget.ts';
import { isValidJson } from './gjson/is-valid-json.ts';
import { members, valueAt } from './gjson/scan.ts';
import { isObject, unescape, type Value } from './gjson/value.ts';

/**
 * Every top-level property of a JSON object, for `env-from` and `extract`: text decoded, null empty, all else as it stands
 * in the source. Of equal keys the last counts. A provider whose maps differ brings its own `toMap`.
 */
export function jsonToMap(value: SecretValue, context: { readonly key: string }): ReadonlyMap<string, SecretValue> {
  const document = toByteString(value);
  const root = valueAt(document.trimStart(), 0);
  if (root === undefined || !isObject(root) || !isValidJson(document)) throw notAnObject(context.key);
  const budget = new Budget(document.length);
  const map = new Map<string, SecretValue>();
  for (const member of members(root.raw, 0, budget)) {
    if (member === undefined) continue;
    const name = Buffer.from(unescape(member.key), 'latin1').toString('utf8');
    map.set(name, fromByteString(sourceText(member.value)));
  }
  return map;
}

function sourceText(value: Value): string {
  if (value.kind === 'string') return unescape(value.raw.slice(1, -1));
  return value.kind === 'null' ? '' : value.raw;
}

function notAnObject(key: string): LatchkeyError {
  return new LatchkeyError('VALUE_INVALID', `secret "${key}" is not a JSON object, so it cannot be taken apart`, {
    hint: 'Store a JSON object, or refer to the whole value instead',
  });
}
