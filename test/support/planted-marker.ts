import { isMapping } from '../../src/fields.ts';
import type { Manifest } from './load-cases.ts';

/** Stands in every value of a provider. Each encoding changes it, so that each can be told from the others. */
export const MARKER = 'k33p/0ut+ühidden';

/** The marker as it may turn up: as it is, in JSON, in a URL, and as base64 and hex of a text that holds it. */
export const MARKER_FORMS: ReadonlyMap<string, string> = new Map([
  ['plain', MARKER],
  ['escaped', JSON.stringify(MARKER).slice(1, -1).replaceAll('/', '\\/')],
  ['ASCII', MARKER.replaceAll('ü', '\\u00fc')],
  ['URL-encoded', encodeURIComponent(MARKER)],
  ['form-encoded', new URLSearchParams({ '': MARKER }).toString().slice(1)],
  ['hex', Buffer.from(MARKER).toString('hex')],
  ...[0, 1, 2].flatMap((shift): [string, string][] => [
    [`base64, shifted by ${shift}`, encoded('base64', shift)],
    [`base64url, shifted by ${shift}`, encoded('base64url', shift)],
  ]),
]);

/** The names of the forms in which the marker stands in a text. */
export function formsIn(text: string): readonly string[] {
  const lower = text.toLowerCase();
  return [...MARKER_FORMS]
    .filter(([name, form]) => (name === 'hex' ? lower.includes(form) : text.includes(form)))
    .map(([name]) => name);
}

/** The manifest with the marker before every value of a fake store, also inside JSON and base64. */
export function withMarkers(manifest: Manifest): Manifest {
  const { spec } = manifest;
  if (!isMapping(spec) || !isMapping(spec['provider']) || !isMapping(spec['provider']['fake'])) return manifest;
  const { data } = spec['provider']['fake'];
  if (!Array.isArray(data)) return manifest;
  const planted = data.map((entry: unknown) => {
    return isMapping(entry) && typeof entry['value'] === 'string' ? { ...entry, value: plant(entry['value']) } : entry;
  });
  return { ...manifest, spec: { ...spec, provider: { fake: { ...spec['provider']['fake'], data: planted } } } };
}

/** A value with the marker before it, or before each of its properties. */
export function plant(value: string): string {
  if (value.startsWith('{')) {
    const properties: unknown = JSON.parse(value);
    const entries = isMapping(properties) ? Object.entries(properties) : [];
    return JSON.stringify(Object.fromEntries(entries.map(([name, text]) => [name, `${MARKER}${String(text)}`])));
  }
  if (/^[A-Za-z0-9+/]+={1,2}$/.test(value)) {
    return Buffer.concat([Buffer.from(MARKER), Buffer.from(value, 'base64')]).toString('base64');
  }
  return `${MARKER}${value}`;
}

/** What of the encoding does not depend on the bytes before and after. */
function encoded(encoding: 'base64' | 'base64url', shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(MARKER)]).toString(encoding);
  return text.replace(/=+$/, '').slice(shift === 0 ? 0 : 4, -1);
}
