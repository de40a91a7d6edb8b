import { LatchkeyError } from '../../errors.ts';

export type KvVersion = 'v1' | 'v2';

/** One secret's place: the mount of its engine and its name inside it, as unencoded segments. */
export interface SecretPath {
  readonly mount: readonly string[];
  readonly name: readonly string[];
}

export interface MountSettings {
  /** `spec.provider.vault.path`; empty where the store leaves the mount to its keys. */
  readonly mount: readonly string[];
  readonly version: KvVersion;
}

/**
 * Finds the mount in a key as External Secrets does. A key may repeat the store's mount, and KV version 2's `data`;
 * without a mount in the store, what stands before `/data/`, else the first segment, is the mount.
 */
export function secretPath(key: string, { mount, version }: MountSettings): SecretPath {
  const segments = splitKey(key);
  if (mount.length > 0) {
    const inside = startsWith(segments, mount) ? segments.slice(mount.length) : segments;
    const repeatsMount = inside.length < segments.length;
    const name =
      repeatsMount && version === 'v2' && inside[0] === 'data' && inside.length > 1 ? inside.slice(1) : inside;
    return { mount, name };
  }
  const data = version === 'v2' ? segments.indexOf('data', 1) : -1;
  if (data !== -1 && data < segments.length - 1)
    return { mount: segments.slice(0, data), name: segments.slice(data + 1) };
  return { mount: segments.slice(0, 1), name: segments.slice(1) };
}

/** The same for a key that must name a secret, not a whole mount. */
export function namedSecretPath(key: string, settings: MountSettings): SecretPath {
  const path = secretPath(key, settings);
  if (path.name.length > 0) return path;
  throw new LatchkeyError(
    'REF_INVALID',
    `the key "${key}" names no secret inside the mount "${path.mount.join('/')}"`,
    {
      hint: 'Write the path of the secret after the mount, or set spec.provider.vault.path to the mount',
    },
  );
}

export function dataPath({ mount, name }: SecretPath, version: KvVersion): readonly string[] {
  return version === 'v2' ? [...mount, 'data', ...name] : [...mount, ...name];
}

export function metadataPath({ mount, name }: SecretPath, version: KvVersion): readonly string[] {
  return version === 'v2' ? [...mount, 'metadata', ...name] : [...mount, ...name];
}

/** Splits a mount such as `kv/team/`; slashes at its ends do not count. */
export function splitMount(mount: string): readonly string[] {
  return mount.split('/').filter((segment) => segment !== '');
}

/** Whether a segment can be sent: not empty, no dots that URL parsers resolve, no lone surrogate or control character. */
export function isPlainSegment(segment: string): boolean {
  return !['', '.', '..'].includes(segment) && segment.isWellFormed() && !/\p{Cc}/u.test(segment);
}

function splitKey(key: string): readonly string[] {
  const segments = key.replace(/^\//, '').split('/');
  if (segments.every(isPlainSegment)) return segments;
  throw new LatchkeyError('REF_INVALID', `the key ${JSON.stringify(key)} has an empty, "." or ".." part`, {
    hint: 'Write a path such as prod/db',
  });
}

function startsWith(segments: readonly string[], prefix: readonly string[]): boolean {
  return segments.length > prefix.length && prefix.every((segment, index) => segments[index] === segment);
}
