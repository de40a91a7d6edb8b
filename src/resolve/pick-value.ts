import { LatchkeyError } from '../errors.ts';
import type { PropertyRule } from '../providers/provider.ts';
import type { Reference } from '../references/reference.ts';
import { SecretValue } from '../secret-value.ts';
import { decodeValue } from './decode.ts';
import { jsonToMap } from './json-map.ts';
import { selectProperty } from './property.ts';
import { selectMetadata } from './select-metadata.ts';
import type { RemoteSecret } from './value-cache.ts';

/** The part of the remote secret that the reference asks for, decoded. */
export function pickValue(secret: RemoteSecret, reference: Reference, rule: PropertyRule): SecretValue {
  return decodeValue(selectPart(secret, reference, rule), reference.decode, reference);
}

/** Every property of the remote secret, or of the part that the reference asks for, each decoded. */
export function pickMap(
  secret: RemoteSecret,
  reference: Reference,
  rule: PropertyRule,
): ReadonlyMap<string, SecretValue> {
  const part = selectPart(secret, reference, rule);
  const map = (hasOwnForm(reference, rule) ? secret.toMap?.(part) : undefined) ?? jsonToMap(part, reference);
  return new Map(Array.from(map, ([name, value]) => [name, decodeValue(value, reference.decode, reference)]));
}

/**
 * The default of a reference whose remote secret or property does not exist, or `undefined` where it is optional; else the
 * error again. A refusal or an outage never looks like absence.
 */
export function defaultFor(thrown: unknown, { default: text, optional }: Reference): SecretValue | undefined {
  const error = LatchkeyError.from(thrown);
  const isAbsent = error.code === 'SECRET_NOT_FOUND' || error.code === 'PROPERTY_NOT_FOUND';
  if (isAbsent && text !== undefined) return SecretValue.fromText(text);
  if (isAbsent && optional) return undefined;
  throw error;
}

/** A provider's own form is that of its whole values, with Vault that of their parts too. All else is plain JSON. */
function hasOwnForm({ property, metadata }: Reference, rule: PropertyRule): boolean {
  return metadata !== true && (property === undefined || rule === 'vault');
}

function selectPart({ value }: RemoteSecret, reference: Reference, rule: PropertyRule): SecretValue {
  const { key, property, metadata } = reference;
  if (property === undefined) return value;
  return metadata === true ? selectMetadata(value, property, { key }) : selectProperty(value, property, rule, { key });
}
