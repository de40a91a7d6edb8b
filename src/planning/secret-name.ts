import { hash } from 'node:crypto';
import { formatReference } from '../references/format-reference.ts';
import type { Template } from '../references/reference.ts';
import type { PlannedDefinition, PlannedSecret } from './plan.ts';

/** Raised when the same inputs must lead to another Secret. */
const VERSION = 1;
/** 128 bits: two different plans never share a name by chance. */
const NAME_HEX_DIGITS = 32;
const KEY_HEX_DIGITS = 8;
const HASHED = /\.[0-9a-f]{8}$/;

export const SECRET_NAME = /^lk-[0-9a-f]{32}$/;

/** Whose Secret it is: part of its name, so that nobody's plan leads to a Secret that was filled for another. */
export interface SecretScope {
  readonly namespace: string;
  readonly serviceAccountUid: string;
  /** The revision's or the Pod's uid; empty for Secrets that start with a Lease. */
  readonly ownerUid: string;
}

export interface NamedContent extends Pick<PlannedSecret, 'keys' | 'map'> {
  readonly definition?: Pick<PlannedDefinition, 'externalSecret' | 'digest'>;
}

/** The same plan for the same identity and owner leads to the same name, on every replica and in every retry. */
export function secretName(scope: SecretScope, content: NamedContent): string {
  const keys = Object.keys(content.keys)
    .sort()
    .map((key) => [key, templateParts(content.keys[key]?.template ?? [])]);
  const map = content.map === undefined ? [] : [formatReference(content.map.reference)];
  const { definition } = content;
  const copied = definition === undefined ? [] : [[definition.externalSecret, definition.digest]];
  const identity = [VERSION, scope.namespace, scope.serviceAccountUid, scope.ownerUid, keys, map, ...copied];
  return `lk-${hash('sha256', JSON.stringify(identity)).slice(0, NAME_HEX_DIGITS)}`;
}

/**
 * Secret keys for variables: the variable's own name, with a short hash where the name is no Secret key, looks as if it
 * had such a hash, or where containers ask for different values under one name.
 */
export function secretKeys(
  variables: readonly { readonly name: string; readonly template: Template }[],
): readonly string[] {
  const first = new Map<string, Template>();
  const ambiguous = new Set<string>();
  for (const { name, template } of variables) {
    const other = first.get(name);
    if (other === undefined) first.set(name, template);
    else if (templateText(other) !== templateText(template)) ambiguous.add(name);
  }
  return variables.map(({ name, template }) => {
    const readable = name.replaceAll(/^\.+|[^-._a-zA-Z0-9]/g, '_').slice(0, 200);
    if (readable === name && name !== '' && !ambiguous.has(name) && !HASHED.test(name)) return name;
    return `${readable}.${hash('sha256', `${name}\n${templateText(template)}`).slice(0, KEY_HEX_DIGITS)}`;
  });
}

function templateText(template: Template): string {
  return JSON.stringify(templateParts(template));
}

/** Literals as objects, references as canonical text: unambiguous, and free of values. */
export function templateParts(template: Template): readonly (string | { readonly text: string })[] {
  return template.map((part) => (typeof part === 'string' ? { text: part } : formatReference(part)));
}
