import { describe, expect, it } from 'vitest';
import {
  dataPath,
  isPlainSegment,
  type KvVersion,
  metadataPath,
  namedSecretPath,
  splitMount,
} from '../../../../src/providers/vault/paths.ts';

function pathsOf(mount: string, version: KvVersion, key: string) {
  const path = namedSecretPath(key, { mount: splitMount(mount), version });
  return [dataPath(path, version).join('/'), metadataPath(path, version).join('/')];
}

describe('namedSecretPath', () => {
  it.each([
    ['secret/path', 'v2', 'test', 'secret/path/data/test'],
    ['secret/path', 'v2', 'secret/path/test', 'secret/path/data/test'],
    ['secret/path', 'v2', 'secret/path/data/test', 'secret/path/data/test'],
    ['secret/path', 'v2', 'secret/path/data', 'secret/path/data/data'],
    ['secret', 'v2', 'data/test', 'secret/data/data/test'],
    ['secret', 'v2', 'secret', 'secret/data/secret'],
    ['secret', 'v2', 'secrets/test', 'secret/data/secrets/test'],
    ['', 'v2', 'secret/test/big/path', 'secret/data/test/big/path'],
    ['', 'v2', 'secret/data/test', 'secret/data/test'],
    ['', 'v2', 'team/kv/data/test', 'team/kv/data/test'],
    ['', 'v2', 'secret/test/data', 'secret/data/test/data'],
    ['', 'v2', '/secret/test', 'secret/data/test'],
    ['kv', 'v1', 'test', 'kv/test'],
    ['kv', 'v1', 'kv/data/test', 'kv/data/test'],
    ['', 'v1', 'kv/data/test', 'kv/data/test'],
  ] as const)('finds, with mount "%s" and %s, the key %s at %s', (mount, version, key, expected) => {
    const [data, metadata] = pathsOf(mount, version, key);

    expect(data).toBe(expected);
    expect(metadata).toBe(version === 'v1' ? expected : expected.replace('/data/', '/metadata/'));
  });

  it.each(['', 'a//b', 'a/', '../sys/raw', 'prod/./db', 'prod/..', 'prod/\ud800', 'prod/a\u0000b'])(
    'refuses the key %j',
    (key) => {
      expect(() => pathsOf('secret', 'v2', key)).toThrow(expect.objectContaining({ code: 'REF_INVALID' }));
    },
  );

  it('refuses a key that is a mount alone', () => {
    expect(() => pathsOf('', 'v2', 'secret')).toThrow('the key "secret" names no secret inside the mount "secret"');
  });
});

describe('isPlainSegment', () => {
  it.each(['a', '...', 'a b', '%2e%2e', '?', '#', 'é'])('takes %j, which is encoded as a whole', (segment) => {
    expect(isPlainSegment(segment)).toBe(true);
  });
});
