import type { Reference, StoreName } from './reference.ts';

// Readable, and without meaning where they may stand: after the store's slash and after a parameter's first `=`.
const KEPT = /%(?:2F|3A|40|2B|3D)/g;
/** What comes out as it went in: nearly every key. Spares most of the time that formatting took. */
const PLAIN = /^[-\w.!~*'()/:@+=]*$/;

/** The canonical text: printable ASCII, safe inside `${…}` and in a comma-separated list. `parseReference` reads it back. */
export function formatReference(reference: Reference): string {
  const { store, key, property } = reference;
  const query = formatQuery(reference);
  return [
    formatStore(store),
    '/',
    encode(key),
    query === '' ? '' : `?${query}`,
    property === undefined ? '' : `#${encode(property)}`,
  ].join('');
}

function formatStore(store: StoreName): string {
  switch (store.kind) {
    case 'default':
      return 'secretstore://';
    case 'SecretStore':
      return `secretstore://${store.name}`;
    case 'ClusterSecretStore':
      return `clustersecretstore://${store.name}`;
  }
}

function formatQuery(reference: Reference): string {
  const { version, decode, optional, default: fallback } = reference;
  return [
    ...(version === undefined ? [] : [`version=${encode(version)}`]),
    ...(decode === 'none' ? [] : [`decode=${decode}`]),
    ...(optional ? ['optional'] : []),
    ...(fallback === undefined ? [] : [`default=${encode(fallback)}`]),
  ].join('&');
}

function encode(text: string): string {
  if (PLAIN.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replaceAll(KEPT, (escape) => decodeURIComponent(escape));
}
