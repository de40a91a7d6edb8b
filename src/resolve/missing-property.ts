import { didYouMean } from '../did-you-mean.ts';
import { LatchkeyError } from '../errors.ts';
import type { PropertyRule } from '../providers/provider.ts';
import { isMapping } from '../fields.ts';

/** More names than this say nothing, and a payload with many or strange ones may be a table of values. */
const MAX_NAMES = 10;
const PLAIN_NAME = /^[A-Za-z_][\w.-]{0,39}$/;
const MAX_SHOWN = 80;

/** Says that a property is not there and what is: names at most, never a value, and nothing of a payload that is plain text. */
export function missingProperty(
  document: string,
  property: string,
  rule: PropertyRule,
  context: { readonly key: string },
): LatchkeyError {
  // External Secrets' fake counts it as a missing secret, so that its deletionPolicy applies
  const code = rule === 'path' ? 'SECRET_NOT_FOUND' : 'PROPERTY_NOT_FOUND';
  const secret = `secret "${context.key}"`;
  const shown = property.length > MAX_SHOWN ? `${property.slice(0, MAX_SHOWN)}…` : property;
  const parsed = parse(document);
  if (!isMapping(parsed) && !Array.isArray(parsed)) {
    return new LatchkeyError(code, `${secret} is not a JSON object, so it has no property "${shown}"`, {
      hint: 'Remove the property (the part after "#") to use the whole value',
    });
  }
  const names = isMapping(parsed) ? Object.keys(parsed).sort() : [];
  if (names.length === 0 || names.length > MAX_NAMES || !names.every((name) => PLAIN_NAME.test(name))) {
    return new LatchkeyError(code, `${secret} has no property "${shown}"`, { hint: CORRECT });
  }
  const meant = didYouMean(property, names);
  return new LatchkeyError(code, `${secret} has no property "${shown}"; it has ${names.length}: ${names.join(', ')}`, {
    hint: meant === undefined ? CORRECT : `Did you mean "${meant}"?`,
  });
}

const CORRECT = 'Correct the property, the part after "#"';

function parse(document: string): unknown {
  try {
    return JSON.parse(document) as unknown;
  } catch {
    return undefined;
  }
}
