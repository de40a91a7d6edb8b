import { describe, expect, it } from 'vitest';
import { deepEqual } from '../../../src/template/deep-equal.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from '../../../src/template/value.ts';

const list = (...items: GoValue[]) => new GoList(items);

describe('deepEqual', () => {
  it.each<[GoValue, GoValue, boolean]>([
    [null, null, true],
    ['a', 'a', true],
    [1, new GoInt(1), false],
    [new GoInt(1), new GoInt(1, 'int64'), false],
    [list('a', list(null)), list('a', list(null)), true],
    [list('a'), new GoList(['a'], 'string'), false],
    [list('a'), list('a', 'a'), false],
    [
      new GoMap([
        ['a', 1],
        ['b', null],
      ]),
      new GoMap([
        ['b', null],
        ['a', 1],
      ]),
      true,
    ],
    [new GoMap([['a', null]]), new GoMap([['b', null]]), false],
    [new GoStruct('T', { fields: [['a', 1]] }), new GoStruct('T', { fields: [['a', 1]] }), true],
    [new GoStruct('T', { text: 'a' }), new GoStruct('T', { text: 'b' }), false],
  ])('knows equal values of equal types (%#)', (one, other, expected) => {
    expect(deepEqual(one, other)).toBe(expected);
  });

  it('ends where values hold each other too many times', () => {
    const twice = () => {
      let value: GoValue = 'x';
      for (let level = 0; level < 60; level += 1) value = list(value, value);
      return value;
    };

    expect(() => deepEqual(twice(), twice())).toThrow('too large to compare');
  });
});
