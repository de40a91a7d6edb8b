import type { PropertyRule } from '../providers/provider.ts';
import type { SecretValue } from '../secret-value.ts';
import { fromByteString, toByteString } from '../byte-string.ts';
import { Budget } from './gjson/budget.ts';
import { get } from './gjson/get.ts';
import { members } from './gjson/scan.ts';
import { textOf, unescape, type Value } from './gjson/value.ts';
import { missingProperty } from './missing-property.ts';

export interface PropertyContext {
  /** The remote secret's key, for messages. */
  readonly key: string;
}

/**
 * Cuts `property` out of a remote secret, as External Secrets does for the provider kind the rule belongs to. Throws
 * PROPERTY_NOT_FOUND (SECRET_NOT_FOUND by the rule `path`), or REF_INVALID for a property that costs too much.
 */
export function selectProperty(
  value: SecretValue,
  property: string,
  rule: PropertyRule,
  context: PropertyContext,
): SecretValue {
  const document = toByteString(value);
  const path = Buffer.from(property, 'utf8').toString('latin1');
  const text = LOOKUPS[rule](document, path, new Budget(document.length));
  if (text === undefined) throw missingProperty(document, property, rule, context);
  return fromByteString(text);
}

type Lookup = (document: string, path: string, budget: Budget) => string | undefined;

const LOOKUPS = {
  path: byPath,
  'literal-first': (document, path, budget) => byDottedName(document, path, budget) ?? byPath(document, path, budget),
  'path-first': (document, path, budget) => byPath(document, path, budget) ?? byDottedName(document, path, budget),
  vault,
  'data-key': dataKey,
  provider: (document) => document,
} as const satisfies Record<PropertyRule, Lookup>;

export function byPath(document: string, path: string, budget: Budget): string | undefined {
  const found = get(document, path, budget);
  return found && textOf(found);
}

/** `tls.crt` as one name. Only dots lose their meaning; wildcards and pipes keep theirs, as in External Secrets. */
function byDottedName(document: string, path: string, budget: Budget): string | undefined {
  return path.includes('.') ? byPath(document, path.replaceAll('.', '\\.'), budget) : undefined;
}

/** Vault's provider hands out Go's JSON, so the source text of a list or object is already what External Secrets writes. */
function vault(document: string, path: string, budget: Budget): string | undefined {
  const field = memberNamed(document, path, budget);
  if (field === undefined) return byPath(document, path, budget);
  return field.kind === 'number' ? field.raw : textOf(field);
}

/** A Secret's data as an object of texts, each of which may be JSON of its own. Its key ends at the first dot, so `config.json` has no inside. */
function dataKey(document: string, path: string, budget: Budget): string | undefined {
  const whole = memberNamed(document, path, budget);
  if (whole !== undefined) return textOf(whole);
  const dot = path.indexOf('.');
  if (dot < 1 || dot === path.length - 1) return undefined;
  const outer = memberNamed(document, path.slice(0, dot), budget);
  return outer && byPath(textOf(outer), path.slice(dot + 1), budget);
}

/** The top-level member of exactly that name. */
export function memberNamed(document: string, name: string, budget: Budget): Value | undefined {
  const open = document.search(/\S/);
  if (document[open] !== '{') return undefined;
  for (const member of members(document, open, budget)) {
    if (member !== undefined && unescape(member.key) === name) return member.value;
  }
  return undefined;
}
