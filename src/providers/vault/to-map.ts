import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import { isJsonObject, parseJson, toGoText } from '../json.ts';

/** A JSON object's members as values: text as it is, numbers in plain notation, null empty, the rest as JSON with sorted keys. */
export function toMap(value: SecretValue): ReadonlyMap<string, SecretValue> {
  const members = parseObject(value.exposeText());
  return new Map(Object.entries(members).map(([name, member]) => [name, SecretValue.fromText(toGoText(member))]));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed = parseJson(text);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Told below: a parser's message may quote the value.
  }
  throw new LatchkeyError('VALUE_INVALID', 'the value is no JSON object', {
    hint: 'Extract a secret, or a property that holds an object',
  });
}
