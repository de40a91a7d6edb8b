import { describe, expect, it } from 'vitest';
import { type JsonPath, parseJsonPath, select } from '../../../../src/providers/webhook/json-path.ts';

const DOCUMENT = { a: { 'b c': [{ d: 1 }, null] }, 'x.y': 'dotted', list: ['first'], empty: '' };

describe('parseJsonPath', () => {
  it.each<[text: string, path: JsonPath]>([
    ['$', []],
    ['$.a.b_c', ['a', 'b_c']],
    ["$.a['b c'][0].d", ['a', 'b c', 0, 'd']],
    ['$["x.y"]', ['x.y']],
    ['$[0][12]', [0, 12]],
    ['$.api-key', ['api-key']],
  ])('reads %s', (text, path) => {
    expect(parseJsonPath(text)).toEqual(path);
  });

  it.each([
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$..a',
    '$.*',
    '$[*]',
    '$[-1]',
    '$[0:2]',
    '$[?(@.a)]',
    '$.a b',
    "$['a]",
    '$.a.',
    '{.a}',
  ])('does not read %s', (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });
});

describe('select', () => {
  it.each<[path: JsonPath, value: unknown]>([
    [[], DOCUMENT],
    [['a', 'b c', 0, 'd'], 1],
    [['a', 'b c', 1], null],
    [['x.y'], 'dotted'],
    [['empty'], ''],
    [['list', 1], undefined],
    [['list', 'length'], undefined],
    [['a', 0], undefined],
    [['constructor'], undefined],
    [['a', '__proto__'], undefined],
    [['x.y', 'length'], undefined],
  ])('finds at %j: %j', (path, value) => {
    expect(select(DOCUMENT, path)).toBe(value);
  });
});
