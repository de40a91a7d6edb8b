import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../../src/secret-value.ts';
import { DEFAULT_LIMITS } from '../../../src/template/budget.ts';
import { createGoTemplates } from '../../../src/template/engine.ts';
import { ALL_FUNCTIONS } from '../../../src/template/functions/all-functions.ts';
import type { FunctionTable } from '../../../src/template/template-function.ts';

const ROOT = new Map([
  ['s', SecretValue.fromText('value')],
  ['dash-key', SecretValue.fromText('dashed')],
  ['ключ', SecretValue.fromText('ключик')],
  ['json', SecretValue.fromText('{"n":12345678,"z":null,"l":[1,"x"],"m":{"b":2,"a":1},"tag":"<&>"}')],
  ['binary', new SecretValue(Uint8Array.from([0xff, 0x00, 0xc3, 0x28]))],
]);
const templates = createGoTemplates({ functions: ALL_FUNCTIONS });

function render(text: string): string {
  return templates.render('key', text, ROOT).exposeText();
}

describe('what External Secrets renders', () => {
  // external-secrets.md A.3: seen with its own engine
  it.each([
    ['{{ .s }}', 'value'],
    ['{{ index . "missing" }}', ''],
    ['{{ index . "dash-key" }}', 'dashed'],
    ['{{ .ключ }}', 'ключик'],
    ['{{ "x" | fromJson }}', '<no value>'],
    ['{{ (.json | fromJson).n }}', '1.2345678e+07'],
    ['{{ (.json | fromJson).z }}', '<no value>'],
    ['{{ (.json | fromJson).m }}', 'map[a:1 b:2]'],
    ['{{ (.json | fromJson).l }}', '[1 x]'],
    ['{{ range $k, $v := (.json | fromJson).m }}{{ $k }}={{ $v }},{{ end }}', 'a=1,b=2,'],
    ['{{ (.json | fromJson).tag | toJson }}', '"\\u003c\\u0026\\u003e"'],
    ['{{ (.json | fromJson).tag | toRawJson }}', '"<&>"'],
    ['{{ dict "n" 1 | toYaml }}', '"n": 1'],
    ['{{ (split "," "a,b")._1 }}', 'b'],
    ['{{ mul 1.5 2 }}', '2'],
    ['{{ 1e6 }}', '1e+06'],
    ['{{ add 1 "2" }}', '3'],
    ['{{ regexReplaceAll "a(.)" "value" "<$1>" }}', 'v<l>ue'],
    ['{{ js "a\'b<" }}', "a\\'b\\u003C"],
    ['{{ htpasswd "u:x" "p" }}', 'invalid username: u:x'],
    ['{{ "%" | b64dec }}', 'illegal base64 data at input byte 0'],
    ['{{ .s | toString | b64enc | quote }}', '"dmFsdWU="'],
  ])('%s gives %j', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    ['{{ .missing }}', 'template: key:1:3: executing "key" at <.missing>: map has no entry for key "missing"'],
    [
      '{{ .missing | default "d" }}',
      'template: key:1:3: executing "key" at <.missing>: map has no entry for key "missing"',
    ],
    ['{{ .dash-key }}', "template: key:1: bad character U+002D '-'"],
    [
      '{{ get . "s" }}',
      'template: key:1:7: executing "key" at <.>: wrong type for value; expected map[string]interface {}; got map[string]string',
    ],
    [
      '{{ hasKey . "s" }}',
      'template: key:1:10: executing "key" at <.>: wrong type for value; expected map[string]interface {}; got map[string]string',
    ],
    ['{{ fail "boom" }}', 'template: key:1:3: executing "key" at <fail "boom">: error calling fail: '],
    ['{{ "a" | nope }}', 'template: key:1: function "nope" not defined'],
    ['\n\n  {{ é }}', 'template: key:3: function "é" not defined'],
    [
      '{{ .s.length }}',
      'template: key:1:5: executing "key" at <.s.length>: can\'t evaluate field length in type string',
    ],
    [
      '{{ .constructor }}',
      'template: key:1:3: executing "key" at <.constructor>: map has no entry for key "constructor"',
    ],
    [
      '{{ template "toString" }}',
      'template: key:1:12: executing "key" at <{{template "toString"}}>: template "toString" not defined',
    ],
    ['{{ constructor }}', 'template: key:1: function "constructor" not defined'],
    [
      '{{ range .s }}{{ end }}',
      'template: key:1:9: executing "key" at <.s>: range can\'t iterate over a value of type string',
    ],
    [
      '{{ index .s 99 }}',
      'template: key:1:3: executing "key" at <index .s 99>: error calling index: index out of range',
    ],
    [
      '{{ eq . . }}',
      'template: key:1:3: executing "key" at <eq . .>: error calling eq: non-comparable type map[string]string',
    ],
  ])('%j fails in words of Go, without a value', (template, message) => {
    expect(() => render(template)).toThrow(message);
  });

  it('keeps bytes that are no text', () => {
    const value = templates.render('key', '{{ .binary }}', ROOT);

    expect(Array.from(value.expose())).toEqual([0xff, 0x00, 0xc3, 0x28]);
  });

  it('gives each template a world of its own', () => {
    templates.render('key', '{{ define "shared" }}x{{ end }}', ROOT);

    expect(() => render('{{ template "shared" }}')).toThrow('template "shared" not defined');
  });
});

describe('the limits of a template', () => {
  it.each([
    { limit: 'steps', limits: { ...DEFAULT_LIMITS, maxSteps: 100 }, message: 'takes too many steps' },
    { limit: 'bytes', limits: { ...DEFAULT_LIMITS, maxOutputBytes: 100 }, message: 'makes more than 100 bytes' },
  ])('are kept for $limit', ({ limits, message }) => {
    const small = createGoTemplates({ functions: {}, limits });

    expect(() => small.render('key', '{{ range 1000 }}x{{ end }}', ROOT)).toThrow(
      `template: key: the template ${message}`,
    );
  });

  it.each([
    [
      'templates in templates',
      '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
      'maximum template depth',
    ],
    [
      'lists in lists',
      `{{ define "t" }}${'{{ if . }}'.repeat(9)}{{ template "t" . }}${'{{ end }}'.repeat(10)}{{ template "t" . }}`,
      'goes too deep',
    ],
    ['parentheses', `{{ ${'('.repeat(251)}1${')'.repeat(251)} }}`, 'more than 250 levels'],
    ['actions', '{{ if . }}'.repeat(251), 'more than 250 levels'],
    ['variables', '{{ $x := 1 }}'.repeat(1001), 'more than 1000 variables'],
    ['a long template', 'x'.repeat(1024 * 1024 + 1), 'longer than 1048576 characters'],
  ])('are kept for %s', (_, template, message) => {
    expect(() => render(template)).toThrow(message);
  });

  it('cuts what an error quotes', () => {
    expect(() => render(`{{ ${'.a'.repeat(1000)} }}`)).toThrow(/^.{1,1000}$/);
  });
});

describe('a function that breaks', () => {
  const functions: FunctionTable = {
    broken: {
      params: [],
      call() {
        throw new TypeError('planted-value');
      },
    },
  };

  it('is an error of the template that says nothing of its inside', () => {
    const broken = createGoTemplates({ functions });

    expect(() => broken.render('key', '{{ broken }}', ROOT)).toThrow(
      /^template: key:1:3: executing "key" at <broken>: error calling broken: it failed unexpectedly$/,
    );
  });
});

describe('a template that is only checked', () => {
  it('is read, and not carried out', () => {
    expect(() => templates.check('key', '{{ .missing }}{{ fail "no" }}')).not.toThrow();
    expect(() => templates.check('key', '{{ .missing ')).toThrow('template: key:1: unclosed action');
  });
});
