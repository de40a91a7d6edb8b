import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { type Operand, operandsOf, parseTemplate, render } from '../../../../src/providers/webhook/template.ts';

const SECRETS = new Set(['auth']);

function valueOf(operand: Operand): string {
  if (operand.kind === 'text') return operand.text;
  return operand.kind === 'secret'
    ? `<${operand.secret}/${operand.key}>`
    : { key: 'a b', property: 'p', version: '' }[operand.field];
}

function filled(text: string): string {
  return render(parseTemplate(text, SECRETS), valueOf);
}

function problem(text: string): string {
  try {
    return filled(text);
  } catch (error) {
    return LatchkeyError.from(error).message;
  }
}

describe('parseTemplate', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['{{ .remoteRef.key }}', 'a b'],
    ['{{.remoteRef.key}}/{{ .remoteRef.property }}?v={{ .remoteRef.version }}', 'a b/p?v='],
    ['Bearer {{ .auth.api_token }}', 'Bearer <auth/api_token>'],
    ['{{ .remoteRef.key | toString }}', 'a b'],
    ['{{ .remoteRef.key | urlquery }}', 'a+b'],
    ['{{ .remoteRef.key | b64enc | b64enc }}', btoa(btoa('a b'))],
    ['{"k":{{ .remoteRef.key | toJson }}}', '{"k":"a b"}'],
    ['{{ "<&>" | toJson }}', '"\\u003c\\u0026\\u003e"'],
    ['{{ "  x\\n" | trim }}', 'x'],
    ['{{ print .auth.user ":" .auth.password | b64enc }}', btoa('<auth/user>:<auth/password>')],
    ['{{ print "}}" `|` }}', '}}|'],
    ['a  {{- .remoteRef.key -}}  b', 'aa bb'],
    ['a }} b', 'a }} b'],
    ['{"a": {"b": "{{ .remoteRef.property }}"}}', '{"a": {"b": "p"}}'],
  ])('fills %s', (text, expected) => {
    expect(filled(text)).toBe(expected);
  });

  it.each([
    '{{ .remoteRef.key | upper }}',
    '{{ .remoteRef.key | trimPrefix "x" }}',
    '{{ if .remoteRef.key }}x{{ end }}',
    '{{ range .remoteRef }}',
    '{{ $x := .remoteRef.key }}',
    '{{ index .auth "api-key" }}',
    '{{ (print "x") }}',
    '{{ .remoteRef }}',
    '{{ . }}',
    '{{ .auth.a.b }}',
    '{{ .auth.api-key }}',
    '{{ print }}',
    '{{ "a" "b" }}',
    '{{ .remoteRef.key | }}',
    '{{ | b64enc }}',
    '{{ }}',
    '{{/* comment */}}',
    '{{ "\\x41" }}',
    '{{ constructor }}',
  ])('says of %s that it is not supported yet', (text) => {
    expect(problem(text)).toMatch(/^has \{\{ .*\}\}, which is not supported yet: write \{\{ \.remoteRef\.key \}\}/);
  });

  it.each([
    ['{{ .remoteRef.namespace }}', 'has {{ .remoteRef.namespace }}, but a reference has key, property, version only'],
    [
      '{{ .remoteRef.constructor }}',
      'has {{ .remoteRef.constructor }}, but a reference has key, property, version only',
    ],
    ['{{ .other.token }}', 'has {{ .other.token }}, but secrets has no entry named "other"'],
    ['{{ .remoteRef.key', 'has {{ without }}'],
    ['{{ .remoteRef.key }} {{', 'has {{ without }}'],
  ])('says what is wrong with %s', (text, message) => {
    expect(problem(text)).toBe(message);
  });

  it('names what a template asks for', () => {
    expect(operandsOf(parseTemplate('{{ print .auth.user ":" .remoteRef.key }}', SECRETS))).toEqual([
      { kind: 'secret', secret: 'auth', key: 'user' },
      { kind: 'text', text: ':' },
      { kind: 'reference', field: 'key' },
    ]);
  });
});
