import { describe, expect, it, vi } from 'vitest';
import { arbitraryCalls } from './arbitrary-calls.ts';
import { arbitraryTemplates, DATA } from './arbitrary-templates.ts';
import { brokenTemplates } from './broken-templates.ts';
import { comparable, render, renderWithGo } from './go-engine.ts';
import { WRITTEN_TEMPLATES } from './written-templates.ts';

const CHUNK = 100;
const SEEDS = Array.from({ length: 25 }, (_, index) => index);

vi.setConfig({ testTimeout: 30_000 }); // Go's engine takes its time beside other tests

describe('templates, as Go itself renders them', () => {
  it.each(WRITTEN_TEMPLATES)('%j', (template) => {
    const expected = renderWithGo(template, DATA);

    expect(comparable(render(template, DATA))).toEqual(comparable(expected));
  });

  describe.each([
    { kind: 'that are mostly right', make: arbitraryTemplates },
    { kind: 'of one call each', make: arbitraryCalls },
    { kind: 'that are mostly broken', make: brokenTemplates },
  ])(`${CHUNK} made at random $kind`, ({ make }) => {
    it.each(SEEDS)('agree, seed %i', (seed) => {
      for (const template of make(CHUNK, seed)) {
        const expected = renderWithGo(template, DATA);

        expect({ template, ...comparable(render(template, DATA)) }).toEqual({ template, ...comparable(expected) });
      }
    });
  });
});
