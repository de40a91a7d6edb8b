import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../../../src/secret-value.ts';
import { createGoTemplates } from '../../../../src/template/engine.ts';
import { ALL_FUNCTIONS } from '../../../../src/template/functions/all-functions.ts';

const templates = createGoTemplates({ functions: ALL_FUNCTIONS });

function render(template: string, yaml = ''): string {
  return templates.render('test', template, new Map([['y', SecretValue.fromText(yaml)]])).exposeText();
}

// What each gives was seen from Go.
describe('toYaml', () => {
  it.each<[expression: string, expected: string]>([
    ['list', '[]'],
    ['dict', '{}'],
    ['nil', 'null'],
    ['1e20', '1e+20'],
    ['1e19', '10000000000000000000'],
    ['12345678.0', '12345678'],
    ['123456789.5', '1.234567895e+08'],
    ['9007199254740993', '9007199254740993'],
    ['-0.0', '0'],
    ['(float64 "nan")', ''],
    ['(list (list 1 2) list dict)', '- - 1\n  - 2\n- []\n- {}'],
    ['(dict "a" (dict "b" (list 1 (dict "c" nil))))', 'a:\n  b:\n  - 1\n  - c: null'],
    ['(toDate "2006" "2024")', '"2024-01-01T00:00:00Z"'],
    ['(split "," "a,b")', '_0: a\n_1: b'],
  ])('writes %s', (expression, expected) => {
    const yaml = render(`{{ toYaml ${expression} }}`);

    expect(yaml).toBe(expected);
  });

  it.each<[text: string, expected: string]>([
    ['x', 'x'],
    ['', '""'],
    ['a:b', 'a:b'],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ['#b', "'#b'"],
    ["it's", "it's"],
    ["'", "''''"],
    ['- x', "'- x'"],
    ['-x', '-x'],
    ['---', "'---'"],
    [' x', "' x'"],
    ['y', '"y"'],
    ['NO', '"NO"'],
    ['~', '"~"'],
    ['<<', '<<'],
    ['=', '='],
    ['0x10', '"0x10"'],
    ['08', '"08"'],
    ['1_0', '"1_0"'],
    ['1:30', '"1:30"'],
    ['1:60', '1:60'],
    ['1e400', '1e400'],
    ['.5', '".5"'],
    ['2024-1-1', '"2024-1-1"'],
    ['2024-13-01', '2024-13-01'],
    ['2024-01-01 0:0:0', '"2024-01-01 0:0:0"'],
    ['a\\nb', '|-\n  a\n  b'],
    ['a\\n', '|\n  a'],
    ['a\\n\\n', '|+\n  a\n'],
    ['\\na', '|2-\n\n  a'],
    ['a \\nb', '"a \\nb"'],
    ['a\\tb', '"a\\tb"'],
    ['a\\rb', '"a\\rb"'],
    ['\\x01', '"\\x01"'],
    ['\\x7f', ''],
    ['😀', '"\\U0001F600"'],
    ['é', 'é'],
    ['\\xff', '�'],
  ])('writes the text %j', (text, expected) => {
    const yaml = render(`{{ toYaml "${text}" }}`);

    expect(yaml).toBe(expected);
  });

  it.each<[title: string, expression: string, expected: string]>([
    ['plain text', '(repeat 17 "word ") | trim', `${'word '.repeat(16)}word`],
    ['plain text', '(repeat 34 "word ") | trim', `${'word '.repeat(16)}word\n  ${'word '.repeat(15)}word\n  word`],
    ['single quotes', '(printf "%sx: y" (repeat 18 "word "))', `'${'word '.repeat(16)}word\n  word x: y'`],
    ['double quotes', '(printf "\\t%s" (repeat 42 "a  "))', `"\\t${'a  '.repeat(26)}a\n  \\ ${'a  '.repeat(15)}"`],
    ['a long key', '(dict (repeat 129 "k") (list 1))', `? ${'k'.repeat(129)}\n: - 1`],
    ['a key of two lines', '(list (dict "a\\nb" 1 "c" 2))', '- ? |-\n    a\n    b\n  : 1\n  c: 2'],
    ['keys', '(dict "a10" 1 "a9" 2 "B" 3 "1" 4 "_" 5)', '_: 5\n"1": 4\nB: 3\na9: 2\na10: 1'],
  ])('breaks and orders %s: %s', (_, expression, expected) => {
    const yaml = render(`{{ ${expression} | toYaml }}`);

    expect(yaml).toBe(expected);
  });
});

describe('fromYaml', () => {
  it.each<[yaml: string, json: string]>([
    ['a: yes', '{"a":true}'],
    ['a: y\nb: off\nc: "yes"', '{"a":true,"b":false,"c":"yes"}'],
    ['a: 0x10\nb: 010\nc: 0o17\nd: 0b11\ne: 1_000', '{"a":16,"b":8,"c":15,"d":3,"e":1000}'],
    ['a: 1.50\nb: 1e3\nc: .5\nd: 1:30\ne: .', '{"a":1.5,"b":1000,"c":0.5,"d":"1:30","e":"."}'],
    ['a: ~\nb:\nc: 2024-01-01', '{"a":null,"b":null,"c":"2024-01-01"}'],
    ['1: a\n0x10: b\n1.5: c\nyes: d', '{"1":"a","1.5":"c","16":"b","true":"d"}'],
    ['a: 1\na: 2', '{"a":2}'],
    ['a: &x {b: 1}\nc: *x', '{"a":{"b":1},"c":{"b":1}}'],
    ['<<: {e: 1, f: 3}\ne: 2', '{"e":2,"f":3}'],
    ['e: 2\n<<: {e: 1}', '{"e":1}'],
    ['<<: [{e: 1}, {e: 2, g: 3}]', '{"e":1,"g":3}'],
    ['"<<": 1', '{"\\u003c\\u003c":1}'],
    ['a: !!str 1\nb: !!int "3"\nc: !foo x\nd: ! 12', '{"a":"1","b":3,"c":"x","d":12}'],
    ['a: !!binary aGk=', '{"a":"hi"}'],
    ['a: 1\n---\nb: [', '{"a":1}'],
    ['', '{}'],
    ['~', '{}'],
    ['__proto__: {a: 1}\nconstructor: 2', '{"__proto__":{"a":1},"constructor":2}'],
  ])('reads %j', (yaml, json) => {
    const read = render('{{ fromYaml .y | toJson }}', yaml);

    expect(read).toBe(json);
  });

  it.each<[yaml: string, message: string]>([
    ['x', 'cannot unmarshal string into Go value of type map[string]interface {}'],
    ['- a', 'cannot unmarshal array into Go value'],
    ['12', 'cannot unmarshal number into Go value'],
    ['no', 'cannot unmarshal bool into Go value'],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['~: a', 'unsupported map key of type'],
    ['[1]: a', 'invalid map key'],
    ['<<: 1', 'map merge requires map or sequence of maps as the value'],
    ['a: !!int x', 'cannot decode a value as a !!int'],
    ['a: !!binary x', 'invalid base64 data'],
    ['a: *x', 'error converting YAML to JSON: yaml: '],
    ['a: [b', 'error converting YAML to JSON: yaml: line '],
    ['a: &a [*a]', 'yaml: the document is nested too deeply'],
  ])('puts what is wrong with %j under Error', (yaml, message) => {
    const error = render('{{ (fromYaml .y).Error }}', yaml);

    expect(error).toContain(message);
  });

  it('counts what aliases unfold to', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      return `l${level}: &l${level} [${Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*l${level - 1}`)).join(', ')}]`;
    });

    expect(() => render('{{ fromYaml .y }}', levels.join('\n'))).toThrow(/too many steps|longer than/);
  });
});
