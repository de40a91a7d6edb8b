import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createGoTemplates } from '../../../src/template/engine.ts';
import { ALL_FUNCTIONS } from '../../../src/template/functions/all-functions.ts';

/** What the Helm binary made of an expression; test/e2e asks it again. */
interface Answer {
  readonly expression: string;
  readonly text?: string;
  readonly error?: true;
}

const FOLDER = new URL('corpus/', import.meta.url);
const files = readdirSync(FOLDER).map((name) => {
  const answers = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as readonly Answer[];
  return { name, answers };
});

const templates = createGoTemplates({ functions: ALL_FUNCTIONS });

function render(expression: string): Answer {
  try {
    const value = templates.render('tpl', `{{ (${expression}) | toString }}`, new Map());
    return { expression, text: Buffer.from(value.expose()).toString('utf8') };
  } catch {
    return { expression, error: true };
  }
}

describe.each(files)('expressions of $name, as Helm answers them', ({ answers }) => {
  it.each(answers)('$expression', (answer) => {
    expect(render(answer.expression)).toEqual(answer);
  });
});
