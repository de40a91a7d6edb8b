import { describe, expect, it, vi } from 'vitest';
import { SecretValue } from '../../../src/secret-value.ts';
import { createGoTemplates } from '../../../src/template/engine.ts';
import { ALL_FUNCTIONS } from '../../../src/template/functions/all-functions.ts';
import { loadCryptoLibraries } from '../../../src/template/functions/crypto-libraries.ts';
import { TemplateError } from '../../../src/template/template-error.ts';
import { HOSTILE_TEMPLATES } from './hostile-templates.ts';

const MARKER = 'planted-value-that-no-error-may-show';
const ROOT = new Map([
  ['a', SecretValue.fromText(MARKER)],
  ['b', SecretValue.fromText('b')],
]);
const MOST_BYTES = 2 * 1024 * 1024;

await loadCryptoLibraries();
const templates = createGoTemplates({ functions: ALL_FUNCTIONS });

/** How much came out, or the error. */
function outcomeOf(template: string): number | Error {
  try {
    return templates.render('tpl', template, ROOT).size;
  } catch (error) {
    return error instanceof Error ? error : new Error('something else was thrown');
  }
}

vi.setConfig({ testTimeout: 30_000 }); // some end only with their time

describe('a hostile template', () => {
  it.each(HOSTILE_TEMPLATES.map((template) => [template.slice(0, 80), template]))('%s', (_, template) => {
    const outcome = outcomeOf(template);

    const isBounded = typeof outcome === 'number' && outcome <= MOST_BYTES;
    expect(isBounded || outcome instanceof TemplateError).toBe(true);
    expect(String(outcome)).not.toContain(MARKER);
  });

  it('changes nothing that all objects have', () => {
    for (const template of HOSTILE_TEMPLATES.filter((one) => one.includes('proto'))) outcomeOf(template);

    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
