import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { parseYamlTexts } from '../../../src/externalsecrets/yaml-texts.ts';
import { SecretValue } from '../../../src/secret-value.ts';

function read(text: string): Readonly<Record<string, string>> {
  const texts = parseYamlTexts(SecretValue.fromText(text));
  return Object.fromEntries(Array.from(texts, ([name, value]) => [name, value.exposeText()]));
}

describe('a rendered document as names and texts', () => {
  // Measured with sigs.k8s.io/yaml for the simple ones; the others follow goyaml.v2's resolve.go.
  it.each([
    ['5432', '5432'],
    ['1.50', '1.5'],
    ['1e3', '1000'],
    ['1e6', '1e+06'],
    ['12345678.5', '1.23456785e+07'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['-0.0', '-0'],
    ['true', 'true'],
    ['yes', 'true'],
    ['Y', 'true'],
    ['on', 'true'],
    ['Off', 'false'],
    ['n', 'false'],
    ['yEs', 'yEs'],
    ['null', ''],
    ['~', ''],
    ['', ''],
    ["'5'", '5'],
    ["'yes'", 'yes'],
    ['"a\\tb"', 'a\tb'],
    ['0x10', '16'],
    ['010', '8'],
    ['08', '8'],
    ['0o17', '15'],
    ['0b11', '3'],
    ['-0x10', '-16'],
    ['+5', '5'],
    ['1_000', '1000'],
    ['_1', '_1'],
    ['190:20:30', '190:20:30'],
    ['2024-01-01', '2024-01-01'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['12345678901234567890', '12345678901234567890'],
    ['123456789012345678901', '1.2345678901234568e+20'],
    ['1e999', '1e999'],
    ['.5', '0.5'],
    ['.inf', '+Inf'],
    ['-.Inf', '-Inf'],
    ['.nan', 'NaN'],
    ['-.nan', '-.nan'],
    ['plain text: no', undefined],
    ['a b', 'a b'],
    ['1.2.3', '1.2.3'],
    ['|\n  line 1\n  line 2\n', 'line 1\nline 2\n'],
    ['>-\n  folded\n  text\n', 'folded text'],
    ['!!str 5', '5'],
    ['!!binary aGk=', 'hi'],
    ['!custom 5', '5'],
    ['{{ x }}', undefined],
    ['[a]', undefined],
    ['{a: b}', undefined],
    ['@x', undefined],
    ['`x`', undefined],
    ['!!binary "%"', undefined],
  ])('reads the value %j as %j', (text, expected) => {
    const outcome = attempt(() => read(`k: ${text}`)['k']);

    expect(outcome).toBe(expected);
  });

  it.each([
    ['1: a', { 1: 'a' }],
    ['true: a', { true: 'a' }],
    ['"x y": a', { 'x y': 'a' }],
    ['a: 1\na: 2', { a: '2' }],
    ['', {}],
    ['# nothing\n', {}],
    ['~', {}],
    ['---\na: 1\n---\nb: 2\n', { a: '1' }],
    ['a: &x 1\nb: *x', { a: '1', b: '1' }],
    ['? a', { a: '' }],
    ['<<: {a: 1, b: 2}\nb: 3', { a: '1', b: '3' }],
    ['"<<": text', { '<<': 'text' }],
    ['<<: text', { '<<': 'text' }],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['a: hunter2: x', 'is no valid YAML at line 1, column'],
    ['- hunter2', 'is no YAML mapping of names to values'],
    ['hunter2', 'is no YAML mapping of names to values'],
    ['a: 1\nb: [hunter2]', 'has a value in entry 2 that is no text, number or boolean'],
    ['? [hunter2]\n: a', 'has a name in entry 1 that is no text, number or boolean'],
    ['a: !!binary "hunter2%"', 'has a !!binary value that is not valid base64'],
    [Array.from({ length: 10_001 }, (_, index) => `k${index}: hunter2`).join('\n'), 'has more than 10000 entries'],
  ])('tells what is wrong without quoting it (%#)', (text, expected) => {
    const line = lineOf(() => read(text));

    expect(line).toContain(expected);
    expect(line).not.toContain('hunter2');
  });
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function lineOf(work: () => unknown): string {
  try {
    return `no error, but ${JSON.stringify(work())}`;
  } catch (thrown) {
    return LatchkeyError.from(thrown).line;
  }
}
