import { quoteText } from './go-quoted.ts';
import { elementOf, insideOf, resultOf, staticType, type Value } from './interface-value.ts';
import { encodeUtf8 } from './utf8.ts';
import { GoMap, GoStruct, type GoValue } from './value.ts';

export type Method = (args: readonly GoValue[]) => GoValue;
export type FieldRead = { readonly value: Value } | { readonly method: Method } | { readonly problem: string };

/** `.name` of a value: a method, a field, or a map's key, which must be there (`missingkey=error`). */
export function readField(receiver: Value, name: string, hasArguments: boolean): FieldRead {
  if (receiver === undefined) return { problem: `nil data; no entry for key ${quoteText(name)}` };
  const type = staticType(receiver);
  const inside = insideOf(receiver);
  if (inside === undefined) return { problem: `nil pointer evaluating ${type}.${name}` };

  if (inside instanceof GoStruct) {
    const method = inside.methods.get(name);
    if (method !== undefined) return { method };
    const field = inside.fields.get(name);
    if (field !== undefined) {
      return hasArguments
        ? { problem: `${name} has arguments but cannot be invoked as function` }
        : { value: resultOf(field) };
    }
  }
  if (!(inside instanceof GoMap)) return { problem: `can't evaluate field ${name} in type ${type}` };
  if (hasArguments) return { problem: `${name} is not a method but has arguments` };
  const element = inside.entries.get(encodeUtf8(name));
  if (element === undefined) return { problem: `map has no entry for key ${quoteText(name)}` };
  return { value: elementOf(inside, element) };
}
