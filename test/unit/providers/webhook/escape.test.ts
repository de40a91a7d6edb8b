import { expect, it } from 'vitest';
import { queryEscape } from '../../../../src/providers/webhook/escape.ts';

// What Go 1.25 prints for url.QueryEscape of each.
it.each([
  ['prod/db', 'prod%2Fdb'],
  ['a b+c', 'a+b%2Bc'],
  ["!'()*~-_.", '%21%27%28%29%2A~-_.'],
  ['ü?#&=%', '%C3%BC%3F%23%26%3D%25'],
  ['', ''],
])('escapes %j as Go does', (text, expected) => {
  expect(queryEscape(text)).toBe(expected);
});

it('survives half a character', () => {
  expect(queryEscape('\ud800')).toBe('%EF%BF%BD');
});
