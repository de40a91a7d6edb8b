import { fromByteString, toByteString } from '../byte-string.ts';
import type { SecretValue } from '../secret-value.ts';
import { Budget } from './gjson/budget.ts';
import { textOf } from './gjson/value.ts';
import { missingProperty } from './missing-property.ts';
import { byPath, memberNamed, type PropertyContext } from './property.ts';

/**
 * Cuts a property out of a provider's metadata: a tag by its whole name, `labels.NAME` and `annotations.NAME` with a name
 * that may hold dots, a path inside a tag that is JSON, and any other path. Throws PROPERTY_NOT_FOUND.
 */
export function selectMetadata(value: SecretValue, property: string, context: PropertyContext): SecretValue {
  const document = toByteString(value);
  const path = Buffer.from(property, 'utf8').toString('latin1');
  const budget = new Budget(document.length);
  const text = byNames(document, path, budget) ?? byPath(document, path, budget);
  if (text === undefined) throw missingProperty(document, property, 'literal-first', context);
  return fromByteString(text);
}

/** The member of that name, else what the rest of the name stands for in a member whose name is its beginning. */
function byNames(document: string, path: string, budget: Budget): string | undefined {
  const whole = memberNamed(document, path, budget);
  if (whole !== undefined) return textOf(whole);
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const outer = memberNamed(document, path.slice(0, dot), budget);
    if (outer === undefined) continue;
    const [inner, rest] = [textOf(outer), path.slice(dot + 1)];
    const found = memberNamed(inner, rest, budget);
    return found === undefined ? byPath(inner, rest, budget) : textOf(found);
  }
  return undefined;
}
