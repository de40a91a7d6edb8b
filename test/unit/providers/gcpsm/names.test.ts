import { describe, expect, it } from 'vitest';
import { lastPart, parentName, secretName, versionName } from '../../../../src/providers/gcpsm/names.ts';

const GLOBAL = { project: 'acme', location: undefined };
const REGIONAL = { project: 'acme', location: 'europe-west3' };

describe('resource names', () => {
  it.each([
    [GLOBAL, 'projects/acme'],
    [REGIONAL, 'projects/acme/locations/europe-west3'],
  ])('begin, for %o, with %s', (place, parent) => {
    expect(parentName(place)).toBe(parent);
    expect(secretName('db', place)).toBe(`${parent}/secrets/db`);
    expect(versionName('db', '7', place)).toBe(`${parent}/secrets/db/versions/7`);
  });

  it.each(['latest', '1', '4294967295', 'stable', 'blue_green-2'])('take the version %s', (version) => {
    expect(lastPart(versionName('db', version, GLOBAL))).toBe(version);
  });

  it.each(['', 'prod/db', '..', 'db:access', 'db?x', 'd b', 'projects/acme/secrets/db', 'x'.repeat(256)])(
    'are not made of the key %j',
    (key) => {
      expect(() => secretName(key, GLOBAL)).toThrow('is no name of a secret');
    },
  );

  it.each(['', '0', '01', '-1', '1/..', '1:access', 'a b'])('are not made of the version %j', (version) => {
    expect(() => versionName('db', version, GLOBAL)).toThrow('is no version of a secret');
  });
});
