import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as annotations from '../../../src/references/annotations.ts';
import { parseAnnotations } from '../../../src/references/parse-annotations.ts';
import { parseReference } from '../../../src/references/parse-reference.ts';
import { parseValue } from '../../../src/references/parse-template.ts';

interface Example {
  readonly env?: readonly { readonly value: string }[];
  readonly metadata?: { readonly annotations: Record<string, string> };
}

const text = readFileSync(new URL('../../../docs/references.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']): Example => parse(yaml));
const values = examples.flatMap(({ env = [] }) => env.map(({ value }) => value));
const annotated = examples.flatMap(({ metadata }) => (metadata === undefined ? [] : [metadata]));
const references = firstCells(/^\| (`(?:cluster)?secretstore:.*?`) \| (?!refused)/gm);
const refusals = firstCells(/^\| (`.*`) \| refused/gm).filter((value) => !value.startsWith('…'));

describe('docs/references.md', () => {
  it('names every key and label', () => {
    const keys = Object.values(annotations).filter((value) => typeof value === 'string');

    expect(keys.filter((key) => !text.includes(key))).toEqual([]);
  });

  it.each(values)('shows a value that is ours: %s', (value) => {
    expect(parseValue(value).kind).not.toBe('plain');
  });

  it.each(references)('shows a reference that holds: %s', (reference) => {
    expect(parseReference(reference).key).not.toBe('');
  });

  it.each(refusals)('shows a value that is refused: %s', (value) => {
    expect(() => parseValue(value)).toThrow(expect.objectContaining({ code: 'REF_INVALID' }));
  });

  it.each(annotated)('shows annotations that hold', (metadata) => {
    const { settings, ...findings } = parseAnnotations([{ where: 'Pod', level: 'pod', ...metadata }]);

    expect(findings).toEqual({ problems: [], warnings: [] });
    expect([settings.env.length, settings.envFrom.length]).toEqual([3, 2]);
  });

  it('was read with its examples', () => {
    expect([values.length, references.length, refusals.length, annotated.length]).toEqual([4, 7, 12, 1]);
  });
});

/** What stands in backticks in the first cell of matching rows. */
function firstCells(row: RegExp): readonly string[] {
  return [...text.matchAll(row)].flatMap(([, cell = '']) => cell.slice(1, -1).split('`, `'));
}
