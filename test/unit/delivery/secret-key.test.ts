import { expect, it } from 'vitest';
import { isSecretKey, toSecretKey } from '../../../src/delivery/secret-key.ts';

it.each([
  ['password', 'password'],
  ['db.user-name_1', 'db.user-name_1'],
  ['a b/c', 'a_b_c'],
  ['größe', 'gr__e'],
  ['🔑', '_'],
  ['', '_'],
])('makes the key %2$j of the property %1$j', (property, key) => {
  expect(toSecretKey(property)).toBe(key);
});

it.each([
  ['a', true],
  ['.a', true],
  ['__proto__', true],
  ['a'.repeat(253), true],
  ['a'.repeat(254), false],
  ['.', false],
  ['..', false],
  ['..a', false],
])('says whether %j is a key: %j', (key, is) => {
  expect(isSecretKey(key)).toBe(is);
});
