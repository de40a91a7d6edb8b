import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { parseObjectName } from '../../../../src/providers/azurekv/object-name.ts';

describe('parseObjectName', () => {
  it.each([
    ['db', 'secret', 'db'],
    ['secret/db', 'secret', 'db'],
    ['key/signing', 'key', 'signing'],
    ['cert/api-example-com', 'certificate', 'api-example-com'],
    ['secret', 'secret', 'secret'],
  ])('reads %s as the %s %s', (key, kind, name) => {
    expect(parseObjectName({ key })).toEqual({ kind, name, version: undefined });
  });

  it.each([
    [{ key: 'certificate/api' }, 'names no object of a vault'],
    [{ key: 'constructor/api' }, 'names no object of a vault'],
    [{ key: 'secret/db/00000000000000000000000000000001' }, 'names no object of a vault'],
    [{ key: '' }, 'is no name of a secret'],
    [{ key: 'prod_db' }, 'is no name of a secret'],
    [{ key: 'key/..' }, 'is no name of a key'],
    [{ key: 'x'.repeat(128) }, 'is no name of a secret'],
    [{ key: 'db', version: '../../keys/x' }, 'is no version of a secret'],
  ])('refuses %j', (ref, message) => {
    expect(() => parseObjectName(ref)).toThrow(LatchkeyError);
    expect(() => parseObjectName(ref)).toThrow(message);
  });
});
