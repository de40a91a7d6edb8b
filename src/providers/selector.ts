import type { Fields } from '../fields.ts';
import type { SecretKeySelector } from './provider.ts';

/** Reads `{ name, namespace?, key }`; `key` is required where there is no usual one. */
export function readSelector(
  fields: Fields,
  { kind = 'Secret', key }: { readonly kind?: SecretKeySelector['kind']; readonly key?: string } = {},
): SecretKeySelector {
  const namespace = fields.optionalText('namespace');
  return {
    kind,
    ...(namespace !== undefined && { namespace }),
    name: fields.text('name', { example: 'store-credentials' }),
    key: key === undefined ? fields.text('key', { example: 'token' }) : (fields.optionalText('key') ?? key),
  };
}

/** The same for one that must be there. */
export function readRequiredSelector(fields: Fields, name: string): SecretKeySelector {
  const selector = fields.object(name);
  if (selector === undefined) fields.problem(name, 'is required');
  return selector === undefined ? { kind: 'Secret', name: '', key: '' } : readSelector(selector);
}

/** How messages call what a selector names. */
export function describeSelector({ kind, namespace, name, key }: SecretKeySelector): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} (key ${key})`;
}
