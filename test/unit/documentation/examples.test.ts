import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENV_PREFIX, SHARED_KEYS, WORKLOAD_KEYS } from '../../../src/references/annotations.ts';
import { EXAMPLES, refusedExamples, servedExamples } from '../../support/documented-examples.ts';

const page = readFileSync(`${EXAMPLES}README.md`, 'utf8');

describe('docs/examples', () => {
  it('shows every annotation', () => {
    const shown = [...servedExamples(), ...refusedExamples()].flatMap(({ annotations }) => annotations);
    const keys = [...WORKLOAD_KEYS, ...SHARED_KEYS];

    expect(keys.filter((key) => !shown.includes(key))).toEqual([]);
    expect(shown.some((key) => key.startsWith(ENV_PREFIX))).toBe(true);
  });

  it('promises a refusal in the folder of the refused, and only there', () => {
    expect(refusedExamples().filter(({ refusal }) => refusal === undefined)).toEqual([]);
    expect(servedExamples().filter(({ refusal }) => refusal !== undefined)).toEqual([]);
  });

  it('lists every file on its page', () => {
    const files = [...servedExamples(), ...refusedExamples()].map(({ path }) => path.slice(EXAMPLES.length));

    expect(files.filter((file) => !page.includes(`](${file})`))).toEqual([]);
  });
});
