import { describe, expect, it } from 'vitest';
import { formatValue } from '../../../src/template/format-value.ts';
import { sprint, sprintf } from '../../../src/template/printf.ts';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from '../../../src/template/value.ts';

const BYTES = new GoList([new GoInt(104, 'uint8'), new GoInt(105, 'uint8')], 'uint8');
const STRINGS = new GoList(['a', 'b c'], 'string');
const MAP = new GoMap([
  ['b', null],
  ['a', new GoList([new GoInt(1), 1.5, true])],
]);
const POINT = new GoStruct('image.Point', {
  fields: [
    ['X', new GoInt(1)],
    ['Y', new GoInt(2)],
  ],
});
const POINTER = new GoStruct('*image.Point', { fields: POINT.fields });
const SPOKEN = new GoStruct('time.Time', { text: 'noon' });

function nested(levels: number): GoValue {
  let value: GoValue = 1;
  for (let level = 0; level < levels; level += 1) value = new GoList([value]);
  return value;
}

describe('%v of a value', () => {
  it.each<[string, GoValue]>([
    ['<nil>', null],
    ['true', true],
    ['-7', new GoInt(-7, 'int64')],
    ['1e+21', 1e21],
    ['text', 'text'],
    ['[104 105]', BYTES],
    ['[a b c]', STRINGS],
    ['map[a:[1 1.5 true] b:<nil>]', MAP],
    ['{1 2}', POINT],
    ['&{1 2}', POINTER],
    ['noon', SPOKEN],
  ])('is %s', (expected, value) => {
    expect(formatValue(value)).toBe(expected);
  });

  it('is refused where a value is deeper or larger than text can be', () => {
    let twice: GoValue = 'x';
    for (let level = 0; level < 60; level += 1) twice = new GoList([twice, twice]);

    expect(() => formatValue(nested(1000))).toThrow('nested too deeply');
    expect(() => formatValue(twice)).toThrow('too large');
  });
});

// Go 1.26 printed these; its engine in the other tests knows no such types.
describe('printf of typed values', () => {
  it.each<[string, string, GoValue]>([
    ['%s', 'hi', BYTES],
    ['%x', '6869', BYTES],
    ['%q', '"hi"', BYTES],
    ['%#v', '[]byte{0x68, 0x69}', BYTES],
    ['%d', '[104 105]', BYTES],
    ['%q', '["a" "b c"]', STRINGS],
    ['%#v', '[]string{"a", "b c"}', STRINGS],
    ['%#v', 'map[string]interface {}{"a":[]interface {}{1, 1.5, true}, "b":interface {}(nil)}', MAP],
    ['%T', 'map[string]interface {}', MAP],
    ['%T', 'uint8', new GoInt(1, 'uint8')],
    ['%#v', '0xff', new GoInt(255, 'uint8')],
    ['%+v', '{X:1 Y:2}', POINT],
    ['%#v', 'image.Point{X:1, Y:2}', POINT],
    ['%d', '{1 2}', POINT],
    ['%8s|', '    noon|', SPOKEN],
    ['%q', '"noon"', SPOKEN],
    ['%d', '[%!d(string=a) %!d(string=b c)]', STRINGS],
  ])('by %s gives %s', (format, expected, value) => {
    expect(sprintf(format, [value])).toBe(expected);
  });

  it('counts runes for widths, and bytes that are no text as one each', () => {
    expect(sprintf('%4s|', ['\u00c3\u00a9'])).toBe('   \u00c3\u00a9|');
    expect(sprintf('%4s|', ['\u00a9\u00a9'])).toBe('  \u00a9\u00a9|');
  });
});

describe('print', () => {
  it('puts a space between two values of which neither is a string', () => {
    expect(sprint([new GoInt(1), 2, 'a', 'b', null, true])).toBe('1 2ab<nil> true');
  });
});
