import type { Fields } from '../../fields.ts';
import type { SecretKeySelector } from '../provider.ts';

/** Reads `{ name, namespace?, key }`; `key` is required where there is no usual one. */
export function readSelector(
  fields: Fields,
  { kind = 'Secret', key }: { readonly kind?: SecretKeySelector['kind']; readonly key?: string } = {},
): SecretKeySelector {
  const namespace = fields.optionalText('namespace');
  return {
    kind,
    ...(namespace !== undefined && { namespace }),
    name: fields.text('name', { example: 'vault-credentials' }),
    key: key === undefined ? fields.text('key', { example: 'token' }) : (fields.optionalText('key') ?? key),
  };
}
