import { describe, expect, it } from 'vitest';
import { createdBy } from '../../../src/externalsecrets/created-by.ts';
import { dataHash } from '../../../src/externalsecrets/data-hash.ts';
import { goHash, printMap } from '../../../src/externalsecrets/go-hash.ts';
import { syncedVersion } from '../../../src/externalsecrets/synced-version.ts';
import { SecretValue } from '../../../src/secret-value.ts';

describe('hashes as External Secrets writes them', () => {
  it('prints maps as Go does, keys in byte order', () => {
    const printed = printMap(
      [
        ['b', ''],
        ['a', '97'],
        ['ä', '1'],
        ['Z', 'z'],
      ],
      (text) => text,
    );

    expect(printed).toBe('map[Z:z a:97 b: ä:1]');
  });

  it.each([
    [{}, 'map[]'],
    [{ a: 'ab', b: '' }, 'map[a:[97 98] b:[]]'],
    [{ b: 'é', a: '\u0000' }, 'map[a:[0] b:[195 169]]'],
  ])('hashes the data %j as %s', (texts, printed) => {
    const data = new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));

    const hash = dataHash(data);

    expect(hash).toBe(goHash(printed));
  });

  it('is SHA3-224 in hex', () => {
    // NIST's example for the empty message.
    expect(goHash('')).toBe('6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7');
  });

  it('names the owner by namespace and name', () => {
    expect(createdBy('payments', 'db')).toBe(goHash('payments/db'));
  });

  it.each([
    [{ generation: 3, labels: {}, annotations: {} }, '3-', '{annotations:map[] labels:map[]}'],
    [
      { generation: 1, labels: { team: 'a', app: 'b' }, annotations: { 'force-sync': '17' } },
      '1-',
      '{annotations:map[force-sync:17] labels:map[app:b team:a]}',
    ],
  ])('versions %j', (definition, generation, printed) => {
    expect(syncedVersion(definition)).toBe(generation + goHash(printed));
  });
});
