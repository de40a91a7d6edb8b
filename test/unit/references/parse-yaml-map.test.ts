import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { parseYamlMap } from '../../../src/references/parse-yaml-map.ts';

describe('parseYamlMap', () => {
  it.each([
    ['block', 'A: x\nB: "y # z"\n'],
    ['flow', '{A: x, "B": "y # z"}'],
    ['JSON', '{"A": "x", "B": "y # z"}'],
    ['with comments and Windows line ends', '# ours\r\nA: x\r\nB: "y # z" # second\r\n'],
  ])('reads a %s mapping in its order', (_, text) => {
    expect(parseYamlMap(text)).toStrictEqual({
      entries: [
        { name: 'A', text: 'x', position: 1 },
        { name: 'B', text: 'y # z', position: 2 },
      ],
      problems: [],
    });
  });

  it('takes the names of built-in properties for names', () => {
    const { entries } = parseYamlMap('__proto__: x\nconstructor: z');

    expect(entries.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
  });

  it.each<[text: string, line: string]>([
    ['', 'is no YAML mapping. Write NAME: REF, one a line. [ANNOTATION_INVALID]'],
    ['hunter2', 'is no YAML mapping. Write NAME: REF, one a line. [ANNOTATION_INVALID]'],
    ['- hunter2', 'is no YAML mapping. Write NAME: REF, one a line. [ANNOTATION_INVALID]'],
    [
      'A: x\nB: "hunter2',
      'is no valid YAML at line 2, column 12. Correct it; write NAME: REF, one a line. [ANNOTATION_INVALID]',
    ],
    [
      'A: hunter2: x',
      'is no valid YAML at line 1, column 4. Correct it; write NAME: REF, one a line. [ANNOTATION_INVALID]',
    ],
    [
      'A: x\n---\nB: hunter2',
      'is no valid YAML at line 2, column 1. Correct it; write NAME: REF, one a line. [ANNOTATION_INVALID]',
    ],
    ['['.repeat(60_000), 'is no valid YAML at line 1'],
    [
      Array.from({ length: 501 }, (_, index) => `A${index}: x`).join('\n'),
      'has more than 500 entries. Divide them among several workloads, or use env-from. [ANNOTATION_INVALID]',
    ],
  ])('refuses %.20j without quoting it', (text, line) => {
    expect(() => parseYamlMap(text)).toThrow(expect.objectContaining({ line: expect.stringContaining(line) }));
    expect(() => parseYamlMap(text)).not.toThrow(
      expect.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  it('reports each broken entry and reads the others', () => {
    const text = [
      'GOOD: x',
      'NO: x', // YAML 1.1 reads `false`
      '8080: x',
      'PORT: 5432',
      'EMPTY:',
      'LIST: [x]',
      'ANCHOR: &a x',
      'ALIAS: *a',
      '<<: {C: x}',
      'GOOD: z',
      '? [x]\n: x',
      'BINARY: !!binary aGVsbG8=',
      '"NO": x',
    ].join('\n');

    const { entries, problems } = parseYamlMap(text);

    expect(entries.map(({ name }) => name)).toEqual(['GOOD', 'ANCHOR', 'NO']);
    expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
      'entry 2: has a name that YAML does not read as text',
      'entry 3: has a name that YAML does not read as text',
      'entry 4: has a value that is no text',
      'entry 5: has a value that is no text',
      'entry 6: has a value that is no text',
      'entry 8: has a value that is no text',
      'entry 9: has a name that YAML does not read as text',
      'entry 10: has a name that stands there twice',
      'entry 11: has a name that YAML does not read as text',
      'entry 12: has a value that is no text',
    ]);
    expect(problems.every((problem) => problem instanceof LatchkeyError)).toBe(true);
  });
});
