import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type Fault } from '../../../src/errors.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = page.split(/^## /m).slice(1);

const TITLES = {
  user: 'Mistakes of an author',
  denied: 'Missing access',
  transient: 'Passing failures',
  internal: 'Faults of Latchkey',
} as const satisfies Record<Fault, string>;

interface Entry {
  readonly code: string;
  readonly section: string;
  readonly text: string;
}

const entries: readonly Entry[] = sections.flatMap((section) => {
  const [title = '', ...codes] = section.split(/^### /m);
  return codes.map((text) => ({ code: text.split('\n')[0] ?? '', section: title.split('\n')[0] ?? '', text }));
});

describe('docs/errors.md', () => {
  it('explains every code, and no other, in the order of the table', () => {
    expect(entries.map(({ code }) => code)).toEqual(Object.keys(ERROR_CODES));
  });

  it.each(entries)('puts $code under who can fix it', ({ code, section }) => {
    expect(section).toBe(TITLES[ERROR_CODES[code as keyof typeof ERROR_CODES]]);
  });

  it.each(entries)('shows the one line of $code as its reader sees it', ({ code, text }) => {
    const examples = [...text.matchAll(/^```text\n(.*?)\n```$/gms)].map(([, example]) => example);

    expect(examples).toHaveLength(1);
    expect(examples[0]).toMatch(new RegExp(String.raw`^[^\n]+[.?] \[${code}\]$`));
  });
});
