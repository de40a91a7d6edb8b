import { describe, expect, it } from 'vitest';
import { arbitraryTemplates, DATA } from './arbitrary-templates.ts';
import { comparable, render, renderWithGo } from './go-engine.ts';
import { WRITTEN_TEMPLATES } from './written-templates.ts';

const GENERATED = 2500;
const CHUNK = 250;

describe('templates, as Go itself renders them', () => {
  it.each(WRITTEN_TEMPLATES)('%j', async (template) => {
    const expected = await renderWithGo(template, DATA);

    expect(comparable(render(template, DATA))).toEqual(comparable(expected));
  });

  it.each(Array.from({ length: GENERATED / CHUNK }, (_, index) => index))(
    `${CHUNK} that were made at random, number %i`,
    async (seed) => {
      for (const template of arbitraryTemplates(CHUNK, seed)) {
        const expected = await renderWithGo(template, DATA);

        expect({ template, ...comparable(render(template, DATA)) }).toEqual({ template, ...comparable(expected) });
      }
    },
  );
});
