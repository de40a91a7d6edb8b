import { describe, expect, it } from 'vitest';
import { JsonNumber, parseJson, plainNumber, toGoJson } from '../../../src/providers/json.ts';

describe('toGoJson', () => {
  it.each([
    ['numbers as they were written', '{"a":12345678901234567890,"b":1.50,"c":-0,"d":1e3}', undefined],
    ['no spaces', '{ "a" : [ 1 , true , null , "x" ] }', '{"a":[1,true,null,"x"]}'],
    ['keys in byte order, digits included', '{"b":1,"10":2,"9":3,"B":4}', '{"10":2,"9":3,"B":4,"b":1}'],
    ['keys beyond the first plane after those in it', '{"\u{1f511}":1,"\uffee":2}', '{"\uffee":2,"\u{1f511}":1}'],
    ['HTML characters escaped', '{"a<":"<&>"}', String.raw`{"a\u003c":"\u003c\u0026\u003e"}`],
    ['line separators escaped', '"\u2028\u2029"', String.raw`"\u2028\u2029"`],
    ['control characters escaped, DEL not', String.raw`"\u0001\n\u007f"`, String.raw`"\u0001\n` + '\u007f"'],
    ['half a character replaced', String.raw`"\ud800"`, '"\ufffd"'],
    ['a key that objects have anyway', '{"__proto__":{"constructor":1}}', undefined],
    ['the last of equal keys', '{"a":1,"a":2}', '{"a":2}'],
  ])('writes %s', (_, source, expected) => {
    expect(toGoJson(parseJson(source))).toBe(expected ?? source);
  });
});

describe('plainNumber', () => {
  it.each([
    ['5432', '5432'],
    ['12345678901234567890', '12345678901234567890'],
    ['-0', '-0'],
    ['1.50', '1.5'],
    ['1e3', '1000'],
    ['1E+3', '1000'],
    ['1e-7', '0.0000001'],
    ['-1.5e-9', '-0.0000000015'],
    ['1e21', '1000000000000000000000'],
    ['1.25e22', '12500000000000000000000'],
  ])('writes %s as %s', (literal, expected) => {
    expect(plainNumber(new JsonNumber(literal))).toBe(expected);
  });
});
