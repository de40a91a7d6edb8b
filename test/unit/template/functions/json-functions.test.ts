import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../../../src/secret-value.ts';
import { createGoTemplates } from '../../../../src/template/engine.ts';
import { ALL_FUNCTIONS } from '../../../../src/template/functions/all-functions.ts';

const templates = createGoTemplates({ functions: ALL_FUNCTIONS });

function render(template: string, value = ''): string {
  return templates.render('test', template, new Map([['s', SecretValue.fromText(value)]])).exposeText();
}

// What each gives was seen from Go.
describe('JSON out of templates', () => {
  it.each<[expression: string, expected: string]>([
    ['toJson (dict "b" 1 "a" (list 1 "<&>" nil 1.5 true))', '{"a":[1,"\\u003c\\u0026\\u003e",null,1.5,true],"b":1}'],
    ['toRawJson "<&>\\u2028"', '"<&>\\u2028"'],
    ['toPrettyJson (dict "a" (list 1 dict list))', '{\n  "a": [\n    1,\n    {},\n    []\n  ]\n}'],
    ['toJson "é\\x00\\xff\\x7f\\b\\"\\\\/"', '"é\\u0000\\ufffd\x7f\\b\\"\\\\/"'],
    ['toJson "\\ufffd"', '"\ufffd"'],
    ['toJson (list 1e20 1e21 1e-6 1e-7 -0.0 1.0)', '[100000000000000000000,1e+21,0.000001,1e-7,-0,1]'],
    ['toJson 9223372036854775807', '9223372036854775807'],
    ['toJson (toDate "2006-01-02" "2024-05-06")', '"2024-05-06T00:00:00Z"'],
    ['toJson (semver "v1.2")', '"1.2.0"'],
    ['toJson (split "," "a,b")', '{"_0":"a","_1":"b"}'],
    ['toJson (list (rest list) (initial list) concat)', '[null,null,null]'],
    ['toJson (list (regexFindAll "x" "a" -1) (regexSplit "x" "a" 0) (splitList "," ""))', '[null,null,[""]]'],
    ['toJson (float64 "nan")', ''],
    ['toPrettyJson (list (float64 "inf"))', ''],
  ])('%s', (expression, expected) => {
    const json = render(`{{ ${expression} }}`);

    expect(json).toBe(expected);
  });

  it.each(['mustToJson', 'mustToPrettyJson', 'toRawJson', 'mustToRawJson'])(
    '%s refuses what JSON cannot say',
    (name) => {
      expect(() => render(`{{ ${name} (float64 "nan") }}`)).toThrow('json: unsupported value');
    },
  );
});

describe('JSON into templates', () => {
  it.each<[json: string, expected: string]>([
    ['{"a":[1,2.5,"x",null,true],"b":{"c":12345678}}', 'map[a:[1 2.5 x <nil> true] b:map[c:1.2345678e+07]]'],
    [' 1 ', '1'],
    ['"\\u00e9"', 'é'],
    ['"\\ud800"', '\ufffd'],
    ['{"a":1,"a":2}', 'map[a:2]'],
    ['{"__proto__":1}', 'map[__proto__:1]'],
    ['-0', '-0'],
    ['null', '<no value>'],
    ['', '<no value>'],
    ['01', '<no value>'],
    ['1e400', '<no value>'],
    ['[1,]', '<no value>'],
    ["'a'", '<no value>'],
    ['1 2', '<no value>'],
  ])('reads %j', (json, expected) => {
    const text = render('{{ fromJson .s }}', json);

    expect(text).toBe(expected);
  });

  it('refuses with must what is no JSON, without repeating it', () => {
    const attempt = () => render('{{ mustFromJson .s }}', '{hunter2');

    expect(attempt).toThrow(/invalid JSON$/);
    expect(attempt).not.toThrow('hunter2');
  });
});

describe('fail', () => {
  it('refuses without repeating what may be a value', () => {
    const attempt = () => render('{{ fail .s }}', 'hunter2');

    expect(attempt).toThrow('the template says so');
    expect(attempt).not.toThrow('hunter2');
  });
});
