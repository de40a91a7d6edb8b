import { isMapping } from '../fields.ts';

/** A parsed document of a manifest file; nothing about it was checked but that it is a mapping with a kind and a name. */
export type Manifest = Readonly<Record<string, unknown>>;

export interface ManifestMetadata {
  readonly name: string;
  /** `default` where the manifest names none, as kubectl would. */
  readonly namespace: string;
  readonly uid: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export function metadataOf(manifest: Manifest): ManifestMetadata {
  const metadata = section(manifest, 'metadata');
  return {
    name: text(metadata['name']),
    namespace: text(metadata['namespace']) || 'default',
    uid: text(metadata['uid']) || undefined,
    labels: texts(metadata['labels']) ?? {},
    annotations: texts(metadata['annotations']),
  };
}

export function kindOf(manifest: Manifest): string {
  return text(manifest['kind']);
}

/** A mapping inside a manifest; an empty one where it is absent or something else. */
export function section(manifest: Manifest, name: string): Manifest {
  const value = manifest[name];
  return isMapping(value) ? value : {};
}

export function serviceAccountOf(pod: Manifest): string {
  return text(section(pod, 'spec')['serviceAccountName']) || 'default';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isMapping(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}
